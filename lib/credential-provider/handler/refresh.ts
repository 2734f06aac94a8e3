import { isMissing } from '../../custom-resource/handler/faults.ts';
import { Refusal } from '../../custom-resource/handler/refusal.ts';
import { tags as names, type RefreshEvent } from '../resource-properties.ts';
import type { CredentialProvider } from './calls.ts';
import { type CheckedSecret, checkSecret, isCurrent } from './check-secret.ts';
import { phaseOf } from './deployment.ts';
import { withoutKey } from './faults.ts';
import type { Work } from './lifecycle.ts';
import { fingerprint, isRetired, ownProvider, providersOf, type TaggedProvider } from './ownership.ts';
import { wantedKey } from './wanted.ts';

/** For the log: what a refresh has done. */
export type Refreshed =
  | 'refreshed'
  | 'nothing to do: the stack is gone'
  | 'nothing to do: another provider has taken its place'
  | 'nothing to do: the provider has another source now';

/**
 * Brings the provider up to date with its secret. An event carries no key, only the news that there is one: however late
 * or often it comes, what is written is the current one, and is looked at again afterwards.
 *
 * @throws Refusal when there is something that a person has to mend
 */
export async function refresh(work: Work, event: RefreshEvent['refresh']): Promise<Refreshed> {
  const { calls, patience, owner } = work;
  const name = event.CredentialProviderName;
  const wanted = wantedKey(event);
  if ((await untilDeployed(work)) === undefined) return 'nothing to do: the stack is gone';
  const settle = patience.polling(`The secret ${wanted.secretId} kept changing while ${name} was refreshed.`);
  for (;;) {
    const provider = await ownProvider(calls, name, owner);
    if (!provider) return replacement(work, name);
    if ((provider.source ?? wanted.source) !== wanted.source || isOfOtherSource(provider, fingerprint(wanted))) {
      return 'nothing to do: the provider has another source now';
    }
    const secret = await checkSecret(calls, wanted, owner.stackId);
    refuseNewArn(provider, secret, wanted.secretId);
    try {
      await withoutKey(calls.updateProvider(name, secret.key));
      if (await isCurrent(calls, secret)) return 'refreshed';
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    await settle();
  }
}

/** What a deployment is writing must not be overtaken by what was right before it. */
async function untilDeployed({ calls, patience, owner }: Work): Promise<string | undefined> {
  const wait = patience.polling('The stack is still being deployed.');
  for (;;) {
    const status = await calls.stackStatus(owner.stackId);
    if (phaseOf(status) === 'none') return status === 'DELETE_COMPLETE' ? undefined : status;
    await wait();
  }
}

function isOfOtherSource({ tags }: TaggedProvider, meant: string): boolean {
  return (tags[names.source] ?? meant) !== meant;
}

/** @throws Refusal when the stack has no provider in its place */
async function replacement({ calls, owner }: Work, name: string): Promise<Refreshed> {
  const others = await providersOf(calls, owner);
  if (others.some((other) => other.name !== name && !isRetired(other.tags))) {
    return 'nothing to do: another provider has taken its place';
  }
  throw new Refusal(
    (await calls.getProvider(name))
      ? `The credential provider ${name} no longer belongs to this stack: its owner tags were changed. Deploy with adoptExisting: true, or with another credentialProviderName.`
      : `The credential provider ${name} is gone: somebody has deleted it. Deploy with another credentialProviderName.`,
  );
}

/** A policy names a secret by the ARN that it had: of a secret that was made anew nobody may read the value. */
function refuseNewArn({ secretArn }: CredentialProvider, { key }: CheckedSecret, secretId: string): void {
  if (key.source === 'EXTERNAL' && secretArn !== undefined && secretArn !== key.secretArn) {
    throw new Refusal(
      `The secret ${secretId} was deleted and made anew, so that its ARN is another one. Deploy with another credentialProviderName.`,
    );
  }
}
