import type { ResourceContext } from '../../../local-aws/cloudformation/resource-provider.ts';
import { authorizeTagChanges } from '../../../local-aws/cloudformation/resources/tag-changes.ts';

const tags = (...names: string[]) => ({ Tags: names.map((Key) => ({ Key, Value: 'v' })) });

function asked(properties: object, oldProperties?: object): string[] {
  const actions: string[] = [];
  const context = { authorize: (action: string) => actions.push(action) } as unknown as ResourceContext;
  const names = { tag: 'tag', untag: 'untag' };
  authorizeTagChanges(context, 'arn', names, properties as never, oldProperties as never);
  return actions;
}

describe('tagging a resource of a stack', () => {
  it.each<[string, object, object | undefined, string[]]>([
    ['is asked for where it is made with tags', tags('a'), undefined, ['tag']],
    ['is not where it has none', {}, undefined, []],
    ['is not where they stay', tags('a'), tags('a'), []],
    ['is where one comes', tags('a', 'b'), tags('a'), ['tag']],
    ['is where a value changes', { Tags: [{ Key: 'a', Value: 'w' }] }, tags('a'), ['tag']],
    ['is another action where one goes', tags('a'), tags('a', 'b'), ['untag']],
    ['is both where one takes the place of another', tags('a'), tags('b'), ['tag', 'untag']],
    ['is untagging where the last one goes', {}, tags('a'), ['untag']],
  ])('%s', (_, properties, oldProperties, actions) => {
    expect(asked(properties, oldProperties)).toEqual(actions);
  });
});
