import type { Properties, ResourceContext } from '../resource-provider.ts';

/**
 * Asks for what tagging takes beside making or changing a resource: nothing where the tags stay as they are.
 *
 * @param actions of the service, for new values and for names that are gone
 */
export function authorizeTagChanges(
  { authorize }: ResourceContext,
  arn: string,
  actions: { readonly tag: string; readonly untag: string },
  properties: Properties,
  oldProperties: Properties = {},
): void {
  const tags = tagsIn(properties);
  const before = tagsIn(oldProperties);
  if ([...tags].some(([name, value]) => before.get(name) !== value)) authorize(actions.tag, arn);
  if ([...before.keys()].some((name) => !tags.has(name))) authorize(actions.untag, arn);
}

function tagsIn({ Tags }: Properties): Map<string, string> {
  const listed = (Tags ?? []) as readonly { readonly Key: string; readonly Value: string }[];
  return new Map(listed.map(({ Key, Value }) => [Key, Value]));
}
