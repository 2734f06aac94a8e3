import { tags as names } from '../resource-properties.ts';
import type { CredentialProvider } from './calls.ts';
import type { Work } from './lifecycle.ts';
import { isRetired, ownProvider, providersOf, type TaggedProvider, type Tags, unlessGone } from './ownership.ts';

/** Milliseconds for which a session of AgentCore Runtime lives at most. It keeps the provider that it began with. */
const sessionLifetime = 8 * 3_600_000;

/** Values of the tag `usedUntil` while new sessions are given the provider: of the newest version, or of a pinned one. */
const inUse = 'now';
const pinned = 'pinned';

/** Which providers new sessions are given. */
export interface GivenProviders {
  /** By the newest version of the agent. */
  readonly name: string;
  /** By an older version that an endpoint stays on; undefined where there is none. */
  readonly pinnedName?: string | undefined;
}

/**
 * Notes which providers new sessions use, and until when they used the others.
 *
 * @param now milliseconds since 1970
 * @returns the names of those that have gone out of use
 */
export async function noteInUse(
  { calls, owner }: Work,
  { name, pinnedName = name }: GivenProviders,
  now: number,
): Promise<string[]> {
  // An event that comes late names a provider that is no more, and knows nothing of what is in use now.
  const current = await ownProvider(calls, name, owner);
  if (!current) return [];
  const note = async ({ arn, tags }: TaggedProvider, value: string) => {
    if (tags[names.usedUntil] !== value) await unlessGone(calls.tag(arn, { [names.usedUntil]: value }));
  };
  await note(current, inUse);
  const others = (await providersOf(calls, owner)).filter((other) => other.name !== name);
  for (const other of others.filter((other) => other.name === pinnedName)) await note(other, pinned);
  const unused = others.filter(
    (other) =>
      other.name !== pinnedName && (isInUse(other.tags) || (isRetired(other.tags) && !(names.usedUntil in other.tags))),
  );
  // One that was never noted was not what it used last: open sessions may keep one of two only.
  for (const other of unused) await note(other, new Date(isInUse(other.tags) ? now : now - 1).toISOString());
  return unused.map((other) => other.name);
}

/**
 * Deletes the retired providers whose last session has ended.
 *
 * @param now milliseconds since 1970
 * @returns the names of what was deleted
 */
export async function removeUnused({ calls, owner }: Work, now: number): Promise<string[]> {
  // Of what was never noted nobody knows whether it is in use.
  const isOver = ({ tags }: TaggedProvider) => isRetired(tags) && now - usedUntil(tags) > sessionLifetime;
  const removed: string[] = [];
  for (const { name } of (await providersOf(calls, owner)).filter(isOver)) {
    // A deployment may have taken it back while the others were looked at.
    const provider = await ownProvider(calls, name, owner);
    if (!provider || !isOver(provider)) continue;
    await calls.deleteProvider(name);
    removed.push(name);
  }
  return removed;
}

/**
 * Which other provider the newest version of the agent uses at the moment, or used last. One that a version is pinned to
 * is known to whoever has pinned it.
 *
 * @param left one that CloudFormation is going to delete, which is not retired where it is to be kept
 */
export async function formerlyUsed(
  { calls, owner }: Work,
  name: string,
  left?: TaggedProvider & CredentialProvider,
): Promise<(TaggedProvider & CredentialProvider) | undefined> {
  const retired = (await providersOf(calls, owner)).filter(({ tags }) => isRetired(tags));
  const [last] = [...(left ? [left] : []), ...retired]
    .filter((provider) => provider.name !== name)
    .sort((a, b) => recency(b) - recency(a) || 0);
  return last === left ? left : last && ownProvider(calls, last.name, owner);
}

/** Whether new sessions of the agent use it. */
export function isInUse(tags: Tags): boolean {
  return tags[names.usedUntil] === inUse || tags[names.usedUntil] === pinned;
}

/** Milliseconds since 1970; NaN for one that is in use, and for one of which it was never noted. */
function usedUntil(tags: Tags): number {
  return Date.parse(tags[names.usedUntil] ?? '');
}

function recency({ tags }: TaggedProvider): number {
  if (tags[names.usedUntil] === pinned) return -1;
  return isInUse(tags) ? Number.POSITIVE_INFINITY : usedUntil(tags) || 0;
}
