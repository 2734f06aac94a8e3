import { Stack, type Stage, Tags } from 'aws-cdk-lib';

/** Tags every resource of a stage that takes tags, and the stacks themselves. */
export function tagEverything(stage: Stage, tags: Readonly<Record<string, string>>): void {
  const stacks = stage.node.children.filter((child) => Stack.isStack(child));
  for (const [name, value] of Object.entries(tags)) {
    Tags.of(stage).add(name, value);
    for (const stack of stacks) stack.addStackTag(name, value);
  }
}
