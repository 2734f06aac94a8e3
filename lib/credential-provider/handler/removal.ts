import type { CredentialProvider } from './calls.ts';
import type { Work } from './lifecycle.ts';
import { isAdopted, isRetired, ownProvider, providersOf, release, retire, type TaggedProvider } from './ownership.ts';
import type { FormerProvider } from './wanted.ts';

/** For the log: what a delete has done. */
export type Removal = 'deleted' | 'released' | 'retired' | 'not ours, or gone already';

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
export async function remove(work: Work, physicalId: string, former: FormerProvider): Promise<Removal> {
  const { calls, owner } = work;
  if (await wasNeverFinished(work, physicalId, former)) {
    const provider = await ownProvider(calls, former.name, owner);
    if (!provider) return 'not ours, or gone already';
    // Whatever OnDelete says: a provider that is left behind would be in the way of the next try.
    if (isAdopted(provider.tags)) return released(work, provider, former);
    await calls.deleteProvider(former.name);
    return 'deleted';
  }
  const provider = await ownProvider(calls, physicalId, owner);
  const retain = provider && fateOf(provider, former) === 'Retain';
  if (provider && isRetired(provider.tags) && !retain) return 'retired';
  const others = (await providersOf(calls, owner)).filter(({ name }) => name !== physicalId);
  const isLast = others.every(({ tags }) => isRetired(tags));
  if (provider && !retain && !isLast) {
    await retire(calls, provider);
    return 'retired';
  }
  // The provider itself goes last: a run that ends in the middle finds it again, and with it the rest.
  if (isLast) for (const { name } of others) await calls.deleteProvider(name);
  if (!provider) return 'not ours, or gone already';
  if (retain) return released(work, provider, former);
  await calls.deleteProvider(physicalId);
  return 'deleted';
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
