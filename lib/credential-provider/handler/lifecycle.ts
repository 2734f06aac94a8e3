import { isMissing, reasonOf } from '../../custom-resource/handler/faults.ts';
import { Refusal } from '../../custom-resource/handler/refusal.ts';
import { type CredentialProviderAttributes, tags as names } from '../resource-properties.ts';
import type { Calls, CredentialProvider } from './calls.ts';
import { type CheckedSecret, checkSecret, isCurrent } from './check-secret.ts';
import { isTaken, withoutKey } from './faults.ts';
import {
  fingerprint,
  isAdopted,
  isOwnedBy,
  isRetired,
  type Owner,
  ownerTags,
  providersOf,
  type TaggedProvider,
  type Tags,
  whose,
} from './ownership.ts';
import type { ProviderPatience } from './provider-patience.ts';
import { leaveBehind } from './removal.ts';
import { formerlyUsed, isInUse } from './retirement.ts';
import { Unseen } from './unseen.ts';
import type { FormerProvider, WantedProvider } from './wanted.ts';

/** What became of the resource; CloudFormation knows it by the name of the provider. */
export interface Outcome {
  readonly physicalId: string;
  readonly attributes: CredentialProviderAttributes;
}

/** What every step of a run has at hand. */
export interface Work {
  /** They wait out what passes by itself. */
  readonly calls: Calls;
  readonly patience: ProviderPatience;
  readonly owner: Owner;
}

/**
 * Creates the provider, or brings the one that is ours already (an earlier try made it, or it was retired) to the wanted
 * state.
 *
 * @throws Refusal when the secret cannot serve or the name belongs to somebody else: then nothing was changed
 */
export async function create(work: Work, wanted: WantedProvider): Promise<Outcome> {
  return outcome(wanted, await bring(work, wanted, { formerTags: {}, inPlace: false }), undefined);
}

/**
 * Updates in place; another name makes a new provider, whose id has CloudFormation delete the old one afterwards.
 *
 * @param physicalId the provider that the resource is now
 * @param former what the resource was to be before; after a failed update, what it has not become
 */
export async function update(
  work: Work,
  physicalId: string,
  wanted: WantedProvider,
  former: FormerProvider,
): Promise<Outcome> {
  const brought = await bring(work, wanted, { formerTags: former.tags, inPlace: physicalId === wanted.name });
  if (former.name === wanted.name) return outcome(wanted, brought, await formerlyUsed(work, wanted.name));
  try {
    await untilListed(work, wanted.name);
    const left = await leaveBehind(work, former, physicalId === former.name);
    return outcome(wanted, brought, await formerlyUsed(work, wanted.name, left));
  } catch (error) {
    await isShownSoon(work, wanted.name);
    throw error;
  }
}

interface Brought {
  readonly secret: CheckedSecret;
  readonly provider: CredentialProvider;
}

function outcome(
  { name }: WantedProvider,
  { secret, provider }: Brought,
  former: (CredentialProvider & { readonly name: string }) | undefined,
): Outcome {
  const apiKeySecretArn = provider.secretArn ?? secret.arn;
  return {
    physicalId: name,
    attributes: {
      CredentialProviderArn: provider.arn,
      SecretArn: secret.arn,
      ApiKeySecretArn: apiKeySecretArn,
      FormerCredentialProviderName: former?.name ?? name,
      FormerApiKeySecretArn: former?.secretArn ?? apiKeySecretArn,
    },
  };
}

interface Before {
  /** Tags that the resource asked for before: the ones that it no longer asks for are removed. */
  readonly formerTags: Tags;
  readonly inPlace: boolean;
}

async function bring(work: Work, wanted: WantedProvider, before: Before): Promise<Brought> {
  try {
    const secret = await writeCurrent(work, wanted, before);
    return { secret, provider: await untilShown(work, wanted, secret) };
  } catch (error) {
    if (work.patience.mayHaveCreated && !(await isShownSoon(work, wanted.name))) throw new Unseen(reasonOf(error));
    throw error;
  }
}

/** @returns the secret as it was written, which was still the current one afterwards */
async function writeCurrent(work: Work, wanted: WantedProvider, before: Before): Promise<CheckedSecret> {
  const { calls, owner, patience } = work;
  const settle = patience.polling(
    `The credential provider ${wanted.name} or its secret ${wanted.secretId} kept changing while it was written. Deploy again.`,
  );
  for (;;) {
    const secret = await checkSecret(calls, wanted, owner.stackId);
    if ((await write(work, wanted, secret, before)) && (await isCurrent(calls, secret))) return secret;
    await settle();
  }
}

/** @returns false when the name was taken, or the provider vanished, between two calls: look again */
async function write(work: Work, wanted: WantedProvider, secret: CheckedSecret, before: Before): Promise<boolean> {
  const { calls, owner } = work;
  const { name } = wanted;
  const marks = { ...wanted.tags, ...ownerTags(owner), [names.source]: fingerprint(wanted) };
  const existing = await calls.getProvider(name);
  try {
    if (!existing) {
      await withoutKey(calls.createProvider(name, secret.key, marks), isTaken);
      return true;
    }
    const tags = await calls.tagsOf(existing.arn);
    const adopt = mayWrite(work, wanted, existing, tags, before);
    // The tags come first: what is written is ours from then on, even if this run ends here.
    await bringTags(calls, existing.arn, tags, adopt ? { ...marks, [names.adopted]: 'true' } : marks, before);
    await withoutKey(calls.updateProvider(name, secret.key));
    return true;
  } catch (error) {
    if (existing ? isMissing(error) : isTaken(error)) return false;
    throw error;
  }
}

/**
 * @returns whether it is to be adopted
 * @throws Refusal when it is somebody else's, or cannot become what is wanted
 */
function mayWrite(
  { owner }: Work,
  { name, source, adoptExisting }: WantedProvider,
  existing: CredentialProvider,
  tags: Tags,
  { inPlace }: Before,
): boolean {
  const ours = isOwnedBy(owner, tags);
  if (!ours && !adoptExisting) {
    throw new Refusal(
      inPlace
        ? `The credential provider ${name} no longer belongs to this stack: its owner tags were changed, and it ${whose(tags)}. Take it back with adoptExisting: true, or choose another credentialProviderName.`
        : `The credential provider ${name} exists already and ${whose(tags)}. Take it over with adoptExisting: true, or choose another credentialProviderName.`,
    );
  }
  if (existing.source !== undefined && existing.source !== source) {
    throw new Refusal(
      `The credential provider ${name} is ${existing.source} and cannot be switched in place to ${source}: choose another credentialProviderName, or leave it out.`,
    );
  }
  return !ours || isAdopted(tags);
}

async function bringTags(calls: Calls, arn: string, tags: Tags, marks: Tags, { formerTags }: Before): Promise<void> {
  const missing = Object.entries(marks).filter(([name, value]) => tags[name] !== value);
  if (missing.length > 0) await calls.tag(arn, Object.fromEntries(missing));
  const outdated = isInUse(tags) ? [names.retired] : [names.retired, names.usedUntil];
  const obsolete = [...outdated, ...Object.keys(formerTags)].filter((name) => name in tags && !(name in marks));
  if (obsolete.length > 0) await calls.untag(arn, obsolete);
}

/** Reads may lag behind writes: whoever depends on this resource is to find it. */
async function untilShown(
  { calls, patience }: Work,
  { name }: WantedProvider,
  { key }: CheckedSecret,
): Promise<CredentialProvider> {
  const wait = patience.polling(
    `AgentCore took the credential provider ${name}, and does not show it as it was written. Deploy again; if it stays so, look at it: aws bedrock-agentcore-control get-api-key-credential-provider --name ${name}`,
  );
  for (;;) {
    const provider = await calls.getProvider(name);
    if (provider && key.source === 'MANAGED') return provider;
    // What AgentCore does not say cannot be wrong.
    if (
      provider &&
      key.source === 'EXTERNAL' &&
      (provider.secretArn ?? key.secretArn) === key.secretArn &&
      (provider.jsonKey ?? key.jsonKey) === key.jsonKey
    ) {
      return provider;
    }
    await wait();
  }
}

/** The delete that follows asks a list, and the tags, whether the provider that goes was the last one. */
async function untilListed({ calls, owner, patience }: Work, name: string): Promise<void> {
  const wait = patience.polling(`AgentCore does not list the credential provider ${name}. Deploy again.`);
  const isLive = (provider: TaggedProvider) => provider.name === name && !isRetired(provider.tags);
  while (!(await providersOf(calls, owner, name)).some(isLive)) await wait();
}

/**
 * Waits for a provider that may have been created to be shown and listed, for a while: the rollback comes at once, and
 * must see what there is to remove.
 */
async function isShownSoon({ calls, owner, patience }: Work, name: string): Promise<boolean> {
  const isShown = async () =>
    (await calls.getProvider(name)) !== undefined &&
    (await providersOf(calls, owner)).some((provider) => provider.name === name);
  const wait = patience.polling('It was not created.', 20_000);
  try {
    while (!(await isShown().catch(() => false))) await wait();
    return true;
  } catch {
    return false;
  }
}
