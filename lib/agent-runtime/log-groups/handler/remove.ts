import { isMissing } from '../../../custom-resource/handler/faults.ts';
import { ownerTag } from '../resource-properties.ts';
import { arnOf, type Work } from './work.ts';

/**
 * Deletes the log groups that belong to the stack. Others of the same name, of an earlier stack that kept its logs, stay.
 *
 * @param prefix what their names begin with
 * @returns their names
 */
export async function removeOwn(work: Work, prefix: string): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await namesOf(work, prefix)) {
    if ((await ownerOf(work, name)) !== work.stackId) continue;
    await unlessMissing(work.call(() => work.calls.deleteGroup(name)));
    removed.push(name);
  }
  return removed;
}

async function namesOf({ calls, call }: Work, prefix: string): Promise<string[]> {
  const names: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await call(() => calls.listGroups(prefix, nextToken));
    names.push(...page.names);
    nextToken = page.nextToken;
  } while (nextToken);
  return names;
}

async function ownerOf(work: Work, name: string): Promise<string | undefined> {
  const tags = await unlessMissing(work.call(() => work.calls.tagsOf(arnOf(work, name))));
  return tags?.[ownerTag];
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
