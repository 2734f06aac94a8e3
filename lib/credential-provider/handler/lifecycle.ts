import {
  type CredentialProviderAttributes,
  type CredentialProviderProperties,
  ownerTags,
} from '../resource-properties.ts';
import type { Calls, CredentialProvider, Wanted } from './calls.ts';
import { checkSecret } from './check-secret.ts';
import { Refusal } from './refusal.ts';

/** Whose resource it is: one logical id in one stack. */
export interface Owner {
  readonly stackId: string;
  readonly logicalId: string;
}

/** What became of the resource; CloudFormation knows it by the name of the provider. */
export interface Outcome {
  readonly physicalId: string;
  readonly attributes: CredentialProviderAttributes;
}

/**
 * Creates the provider, or brings the one that an earlier, unanswered try of ours has made to the wanted state.
 *
 * @throws Refusal when the secret cannot serve or the name belongs to somebody else: then nothing was changed
 */
export async function create(calls: Calls, properties: CredentialProviderProperties, owner: Owner): Promise<Outcome> {
  const wanted = await wantedProvider(calls, properties);
  const existing = await calls.getProvider(wanted.name);
  if (!existing) {
    const { arn } = await calls.createProvider(wanted, {
      [ownerTags.stackId]: owner.stackId,
      [ownerTags.logicalId]: owner.logicalId,
    });
    return outcome(wanted, arn);
  }
  const tags = await calls.tagsOf(existing.arn);
  if (!isOwnedBy(owner, tags)) {
    const whose = tags[ownerTags.stackId] ? `the stack ${tags[ownerTags.stackId]}` : 'somebody else';
    throw new Refusal(
      `The credential provider ${wanted.name} exists already and belongs to ${whose}. Choose another credentialProviderName, or delete it there.`,
    );
  }
  await calls.updateProvider(wanted);
  return outcome(wanted, existing.arn);
}

/** Updates in place; another name makes a new provider, whose id lets CloudFormation delete the old one afterwards. */
export async function update(
  calls: Calls,
  physicalId: string,
  properties: CredentialProviderProperties,
  owner: Owner,
): Promise<Outcome> {
  if (properties.CredentialProviderName !== physicalId) return create(calls, properties, owner);
  const wanted = await wantedProvider(calls, properties);
  const existing = await ownProvider(calls, physicalId, owner);
  if (!existing) return create(calls, properties, owner);
  await calls.updateProvider(wanted);
  return outcome(wanted, existing.arn);
}

/** Deletes what we own; what is gone already or is not ours is left as it is, and that is a success. */
export async function remove(calls: Calls, physicalId: string, owner: Owner): Promise<'deleted' | 'not ours' | 'gone'> {
  const existing = await calls.getProvider(physicalId);
  if (!existing) return 'gone';
  if (!isOwnedBy(owner, await calls.tagsOf(existing.arn))) return 'not ours';
  await calls.deleteProvider(physicalId);
  return 'deleted';
}

async function wantedProvider(calls: Calls, properties: CredentialProviderProperties): Promise<Wanted> {
  const secretArn = await checkSecret(calls, properties.SecretId, properties.JsonKey);
  return { name: properties.CredentialProviderName, secretArn, jsonKey: properties.JsonKey };
}

async function ownProvider(calls: Calls, name: string, owner: Owner): Promise<CredentialProvider | undefined> {
  const existing = await calls.getProvider(name);
  if (existing && !isOwnedBy(owner, await calls.tagsOf(existing.arn))) {
    throw new Refusal(`The credential provider ${name} no longer belongs to this stack: its owner tags were changed.`);
  }
  return existing;
}

function isOwnedBy({ stackId, logicalId }: Owner, tags: Record<string, string>): boolean {
  return tags[ownerTags.stackId] === stackId && tags[ownerTags.logicalId] === logicalId;
}

function outcome({ name, secretArn }: Wanted, arn: string): Outcome {
  return { physicalId: name, attributes: { CredentialProviderArn: arn, SecretArn: secretArn } };
}
