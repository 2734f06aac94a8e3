import { tags as names, type RefreshEvent } from '../resource-properties.ts';
import { checkSecret, isCurrent } from './check-secret.ts';
import { isMissing, withoutKey } from './faults.ts';
import type { Work } from './lifecycle.ts';
import { fingerprint, ownProvider } from './ownership.ts';
import { wantedKey } from './wanted.ts';

/** For the log: what a refresh has done. */
export type Refreshed =
  | 'refreshed'
  | 'nothing to do: the provider is gone or not ours'
  | 'nothing to do: the provider has another source now';

/**
 * Brings the provider up to date with its secret. An event carries no key, only the news that there is one: however late
 * or often it comes, what is written is the current one, and is looked at again afterwards.
 */
export async function refresh({ calls, owner, patience }: Work, event: RefreshEvent['refresh']): Promise<Refreshed> {
  const name = event.CredentialProviderName;
  const wanted = wantedKey(event);
  const settle = patience.polling(`The secret ${wanted.secretId} kept changing while ${name} was refreshed.`);
  for (;;) {
    const provider = await ownProvider(calls, name, owner);
    if (!provider) return 'nothing to do: the provider is gone or not ours';
    const secret = await checkSecret(calls, wanted, owner.stackId);
    const meant = provider.tags[names.source] ?? fingerprint(secret.arn, wanted.jsonKey);
    if ((provider.source ?? wanted.source) !== wanted.source || meant !== fingerprint(secret.arn, wanted.jsonKey)) {
      return 'nothing to do: the provider has another source now';
    }
    try {
      await calls.updateProvider(name, secret.key);
      if (await isCurrent(calls, secret)) return 'refreshed';
    } catch (error) {
      if (!isMissing(error)) throw withoutKey(error);
    }
    await settle();
  }
}
