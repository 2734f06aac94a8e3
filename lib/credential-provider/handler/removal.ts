import type { CredentialProvider } from './calls.ts';
import type { Phase } from './deployment.ts';
import type { Work } from './lifecycle.ts';
import { isAdopted, isRetired, ownProvider, providersOf, release, retire, type TaggedProvider } from './ownership.ts';
import type { FormerProvider } from './wanted.ts';

/** For the log: what a delete has done. */
export type Removal = 'deleted' | 'released' | 'retired' | 'in use by a later try' | 'not ours, or gone already';

/**
 * Begins the id of a create that failed, which cannot be the name of a provider: the delete that CloudFormation sends for
 * it then looks for what the create has made.
 */
export const createFailed = 'create-failed:';

/** The same, where what was made may not be shown yet. */
export const createUnseen = 'create-unseen:';

/**
 * Handles the other provider of an update that changes the name: the one that is replaced, or, in a rollback, the one that
 * the failed update may have made.
 *
 * @returns that one, as it was, where the agent may use it
 */
export async function leaveBehind(
  work: Work,
  former: FormerProvider,
  wasInPlace: boolean,
): Promise<(TaggedProvider & CredentialProvider) | undefined> {
  const provider = await ownProvider(work.calls, former.name, work.owner);
  if (!provider) return undefined;
  if (wasInPlace) {
    // CloudFormation's delete comes after this, perhaps before a list shows the new provider: the mark tells it at once.
    if (fateOf(provider, former) === 'Delete') await retire(work.calls, provider);
  } else if (isAdopted(provider.tags)) {
    await release(work.calls, provider, former.tags);
    return undefined;
  } else {
    // It may have been there before, retired and in use: it goes when the agent says what it uses.
    await retire(work.calls, provider);
  }
  return provider;
}

/**
 * Removes what we own: it is deleted, or only left, or, while another provider takes its place, retired. What is gone
 * already or is not ours is left as it is, and that is a success.
 */
export async function remove(work: Work, physicalId: string, former: FormerProvider, phase: Phase): Promise<Removal> {
  const { calls, owner } = work;
  if (await wasNeverFinished(work, physicalId, former)) return removeUnfinished(work, physicalId, former, phase);
  const provider = await ownProvider(calls, physicalId, owner);
  const retain = provider && fateOf(provider, former) === 'Retain';
  const others = (await providersOf(calls, owner)).filter(({ name }) => name !== physicalId);
  if (provider && phase === 'back' && isAdopted(provider.tags)) return released(work, provider, former);
  // A failed update may have left more than one, of which each seemed to be replaced by the other.
  const stackGoes = phase === 'deletion';
  if (provider && isRetired(provider.tags) && !retain && !stackGoes) return 'retired';
  const isLast = stackGoes || others.every(({ tags }) => isRetired(tags));
  if (provider && !retain && !isLast) {
    await retire(calls, provider);
    return 'retired';
  }
  // The provider itself goes last: a run that ends in the middle finds it again, and with it the rest.
  if (isLast) for (const other of others) await removeOther(work, other, former);
  if (!provider) return 'not ours, or gone already';
  if (retain) return released(work, provider, former);
  await calls.deleteProvider(physicalId);
  return 'deleted';
}

/**
 * Removes what a create may have made that failed or never answered, whatever OnDelete says: what is left behind would be
 * in the way of the next try.
 */
async function removeUnfinished(
  work: Work,
  physicalId: string,
  former: FormerProvider,
  phase: Phase,
): Promise<Removal> {
  const { calls, owner } = work;
  const look = () => ownProvider(calls, former.name, owner);
  const provider = physicalId.startsWith(createFailed)
    ? await look()
    : await untilThere(work, look, physicalId.startsWith(createUnseen) ? undefined : longestUnanswered);
  if (!provider) return 'not ours, or gone already';
  if (phase === 'clean-up') {
    const others = (await providersOf(calls, owner)).filter(
      ({ name, tags }) => name !== former.name && !isRetired(tags),
    );
    // A later try has succeeded, and what is there now is what that has made.
    if (others.length === 0) return 'in use by a later try';
  }
  if (isAdopted(provider.tags)) return released(work, provider, former);
  await calls.deleteProvider(former.name);
  return 'deleted';
}

/**
 * Milliseconds. A create that never answered may be under way still, when CloudFormation has cancelled it since another
 * resource failed: its last call, and a while until what that has made is shown.
 */
const longestUnanswered = 30_000;

async function untilThere<T>(
  { patience }: Work,
  look: () => Promise<T | undefined>,
  longest: number | undefined,
): Promise<T | undefined> {
  const wait = patience.polling('It was not created.', longest);
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    try {
      await wait();
    } catch {
      return undefined;
    }
  }
}

async function removeOther(work: Work, other: TaggedProvider, former: FormerProvider): Promise<void> {
  if (isAdopted(other.tags) && !isRetired(other.tags)) await released(work, other, former);
  else await work.calls.deleteProvider(other.name);
}

async function released({ calls }: Work, provider: TaggedProvider, { tags }: FormerProvider): Promise<Removal> {
  await release(calls, provider, tags);
  return 'released';
}

/** What was adopted is left, unless told otherwise. */
function fateOf({ tags }: TaggedProvider, { onDelete }: FormerProvider): 'Delete' | 'Retain' {
  return onDelete ?? (isAdopted(tags) ? 'Retain' : 'Delete');
}

/**
 * Whether the delete follows a create that failed or never answered: the id is then not the name of the provider but one
 * of our own making, or of CloudFormation's.
 */
async function wasNeverFinished({ calls }: Work, physicalId: string, { name }: FormerProvider): Promise<boolean> {
  if (physicalId === name) return false;
  if (!/^[a-zA-Z0-9\-_]{1,128}$/.test(physicalId)) return true;
  return (await calls.getProvider(physicalId)) === undefined;
}
