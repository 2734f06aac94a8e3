import { isAccessDenied } from '../../custom-resource/handler/faults.ts';
import { Refusal } from '../../custom-resource/handler/refusal.ts';
import type { Calls, KeySource, SecretDescription } from './calls.ts';
import { keyIn, sayJsonKey } from './secret-value.ts';
import type { WantedKey } from './wanted.ts';

/** A secret that can serve. Holds the key when the provider is MANAGED: never logged. */
export interface CheckedSecret {
  /** Full ARN. */
  readonly arn: string;
  readonly key: KeySource;
  /** Version that was read. */
  readonly version: string | undefined;
}

/**
 * Makes sure that the secret can serve as the source of the key, before anything is written.
 *
 * @param home ARN of something in the account and Region of the provider
 * @throws Refusal that says what is wrong with which secret and what to do; the value is never in it
 */
export async function checkSecret(calls: Calls, wanted: WantedKey, home: string): Promise<CheckedSecret> {
  const { secretId, jsonKey, source } = wanted;
  const advice = commandsFor(wanted);
  checkRegion(secretId, home);
  const { arn } = await describe(calls, wanted, home);
  const value = await calls.readSecret(arn).catch((error: unknown) => {
    if (isAccessDenied(error)) throw new Refusal(unreadable(secretId, home));
    if (error instanceof Error && error.name === 'DecryptionFailure') throw new Refusal(undecryptable(secretId));
    // AWS says so of a secret that was marked for deletion after it was described.
    if (error instanceof Error && error.name === 'InvalidRequestException') throw new Refusal(marked(secretId));
    throw error;
  });
  const found = keyIn(value?.text, jsonKey);
  if ('problem' in found) {
    const { subject, problem, remedy } = found;
    const what =
      subject === 'secret' ? `The secret ${secretId}` : `The JSON key "${jsonKey}" of the secret ${secretId}`;
    throw new Refusal(`${what} ${problem}. ${remedy === sayJsonKey ? `${remedy}.` : `${remedy}: ${advice.put}`}`);
  }
  const { key } = found;
  return {
    arn,
    key:
      source === 'EXTERNAL' && jsonKey !== undefined
        ? { source, secretArn: arn, jsonKey }
        : { source: 'MANAGED', apiKey: key },
    version: value?.version,
  };
}

/** Whether the version that was read is still the current one: if not, what was written is out of date. */
export async function isCurrent(calls: Calls, { arn, version }: CheckedSecret): Promise<boolean> {
  const now = await calls.describeSecret(arn);
  return now !== undefined && now.currentVersion === version;
}

async function describe(calls: Calls, wanted: WantedKey, home: string): Promise<SecretDescription> {
  const { secretId } = wanted;
  const { create } = commandsFor(wanted);
  const secret = await calls.describeSecret(secretId).catch((error: unknown) => {
    if (!isAccessDenied(error)) throw error;
    throw new Refusal(
      isElsewhere(secretId, home)
        ? unreadable(secretId, home)
        : // AWS says so of a missing secret too, to a role that may see only certain ones.
          `The secret ${secretId} does not exist in this account and Region, or its policies keep this deployment from reading it. Create it: ${create}`,
    );
  });
  if (!secret) {
    throw new Refusal(
      isElsewhere(secretId, home)
        ? invisible(secretId, home)
        : `The secret ${secretId} does not exist in this account and Region. Create it: ${create}`,
    );
  }
  if (secret.deletedDate) throw new Refusal(marked(secretId));
  return secret;
}

/** By which commands of the AWS CLI a secret is made, and gets another value. */
export function commandsFor({ secretId, jsonKey }: Pick<WantedKey, 'secretId' | 'jsonKey'>) {
  const file =
    jsonKey === undefined
      ? '--secret-string file://key.txt, where key.txt is the key without a line end'
      : `--secret-string file://key.json, where key.json is {"${jsonKey}": "YOUR KEY"}`;
  return {
    create: creation(secretId, file),
    put: `aws secretsmanager put-secret-value --secret-id ${secretId} ${file}`,
  };
}

/** A secret is created by its name only. Whether an ARN ends with what AWS adds to that cannot be told for sure. */
function creation(secretId: string, file: string): string {
  const name = secretId.startsWith('arn:') ? secretId.split(':').slice(6).join(':') : secretId;
  const command = (name: string) => `aws secretsmanager create-secret --name ${name} ${file}`;
  const suffix = /-[a-zA-Z0-9]{6}$/;
  if (name === secretId || !suffix.test(name)) return command(name);
  return `${command(name.replace(suffix, ''))}. AWS ends the new ARN with six other characters: then give the name in place of the ARN, or the new ARN.`;
}

function marked(secretId: string): string {
  return `The secret ${secretId} is marked for deletion. Restore it: aws secretsmanager restore-secret --secret-id ${secretId}`;
}

function undecryptable(secretId: string): string {
  return `The secret ${secretId} cannot be decrypted. Enable its KMS key, and allow kms:Decrypt on it to the role of this deployment.`;
}

/** Of a secret of another account, of which not even the existence is known here. */
function invisible(secretId: string, home: string): string {
  const [there, here] = [accountOf(secretId), accountOf(home)];
  return `The secret ${secretId} is in another account, and is not visible from ${here}. If it does not exist, create it with the credentials of ${there}. ${sharing(here)}`;
}

function sharing(account: string): string {
  return `There, its resource policy must allow secretsmanager:DescribeSecret and secretsmanager:GetSecretValue to account ${account}, and its KMS key, which must be a customer managed one, kms:Decrypt.`;
}

function unreadable(secretId: string, home: string): string {
  const here = accountOf(home);
  return isElsewhere(secretId, home)
    ? `The secret ${secretId} is in another account, and may not be read from ${here}. ${sharing(here)}`
    : `The secret ${secretId} may not be read. Its resource policy must not deny secretsmanager:GetSecretValue, and its KMS key must allow kms:Decrypt, to the role of this deployment.`;
}

function isElsewhere(secretId: string, home: string): boolean {
  return secretId.startsWith('arn:') && accountOf(secretId) !== accountOf(home);
}

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

function checkRegion(secretId: string, home: string): void {
  const [there, here] = [secretId.split(':')[3], home.split(':')[3]];
  if (!secretId.startsWith('arn:') || there === here) return;
  throw new Refusal(
    `The secret ${secretId} is in ${there}, and a credential provider needs one in its own Region, ${here}. Replicate it: aws secretsmanager replicate-secret-to-regions --region ${there} --secret-id ${secretId} --add-replica-regions Region=${here}`,
  );
}
