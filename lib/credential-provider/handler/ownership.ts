import { createHash } from 'node:crypto';
import { isAccessDenied, isMissing } from '../../custom-resource/handler/faults.ts';
import { tags as names } from '../resource-properties.ts';
import type { Calls, CredentialProvider, ProviderPage } from './calls.ts';
import type { WantedKey } from './wanted.ts';

/** Whose resource it is: one logical id in one stack. */
export interface Owner {
  readonly stackId: string;
  readonly logicalId: string;
}

export type Tags = Readonly<Record<string, string>>;

/** A provider with its tags. */
export interface TaggedProvider {
  readonly name: string;
  readonly arn: string;
  readonly tags: Tags;
}

/**
 * Where a key comes from, as the template says it, short enough for a tag. A MANAGED provider does not say it, and a
 * refresh must know whether it is still meant.
 */
export function fingerprint({ secretId, jsonKey }: Pick<WantedKey, 'secretId' | 'jsonKey'>): string {
  return createHash('sha256')
    .update(JSON.stringify([secretId, jsonKey ?? null]))
    .digest('hex')
    .slice(0, 32);
}

export function ownerTags({ stackId, logicalId }: Owner): Record<string, string> {
  return { [names.stackId]: stackId, [names.logicalId]: logicalId };
}

export function isOwnedBy({ stackId, logicalId }: Owner, tags: Tags): boolean {
  return tags[names.stackId] === stackId && tags[names.logicalId] === logicalId;
}

export function isAdopted(tags: Tags): boolean {
  return tags[names.adopted] === 'true';
}

export function isRetired(tags: Tags): boolean {
  return tags[names.retired] === 'true';
}

/** For a sentence: whose it is when it is not ours. */
export function whose(tags: Tags): string {
  const stack = tags[names.stackId];
  return stack ? `belongs to ${tags[names.logicalId]} of the stack ${stack}` : 'was made outside CloudFormation';
}

/** The provider when it is there and ours. */
export async function ownProvider(
  calls: Calls,
  name: string,
  owner: Owner,
): Promise<(TaggedProvider & CredentialProvider) | undefined> {
  const provider = await calls.getProvider(name);
  const tags = provider && (await unlessGone(calls.tagsOf(provider.arn)));
  return provider && tags && isOwnedBy(owner, tags) ? { ...provider, name, tags } : undefined;
}

/** How often tags that are hidden are looked at again: only a denial that lasts says that the provider is somebody else's. */
const furtherLooks = 3;

/**
 * Everything in the account and Region that is marked as this owner's. What hides its tags from us is not ours: our role
 * may read them.
 *
 * @param meant name of the one whose tags must be readable
 */
export async function providersOf(calls: Calls, owner: Owner, meant?: string): Promise<TaggedProvider[]> {
  const own: TaggedProvider[] = [];
  const lookAt = async (providers: ProviderPage['providers']) => {
    const hidden: (typeof providers)[number][] = [];
    for (const { name, arn } of providers) {
      try {
        const tags = await unlessGone(calls.tagsOf(arn));
        if (tags && isOwnedBy(owner, tags)) own.push({ name, arn, tags });
      } catch (error) {
        if (name === meant || !isAccessDenied(error)) throw error;
        hidden.push({ name, arn });
      }
    }
    return hidden;
  };
  let hidden: ProviderPage['providers'] = [];
  let token: string | undefined;
  do {
    const page = await calls.listProviders(token);
    hidden = [...hidden, ...(await lookAt(page.providers))];
    token = page.nextToken;
  } while (token !== undefined);
  for (let look = 0; look < furtherLooks && hidden.length > 0; look++) hidden = await lookAt(hidden);
  return own;
}

/** Marks it as waiting until nobody uses it any more. */
export async function retire(calls: Calls, { arn, tags }: TaggedProvider): Promise<void> {
  if (!isRetired(tags)) await unlessGone(calls.tag(arn, { [names.retired]: 'true' }));
}

/** Leaves the provider, without our tags: it can be adopted again. */
export async function release(calls: Calls, { arn, tags }: TaggedProvider, further: Tags): Promise<void> {
  const ours = [...Object.values(names), ...Object.keys(further)].filter((name) => name in tags);
  await unlessGone(calls.untag(arn, ours));
}

/** What a call answers, or undefined when that which it is about is gone. */
export async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
