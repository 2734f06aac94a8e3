import type { Calls, KeySource, SecretDescription } from './calls.ts';
import { isAccessDenied } from './faults.ts';
import { Refusal } from './refusal.ts';
import type { WantedKey } from './wanted.ts';

const placeholder =
  /^(<.*>|\$\{.*\}|\{\{.*\}\}|change[-_ ]?me|replace[-_ ]?me|your[-_ ].*|(api[-_ ]?key|key|secret|placeholder|dummy|todo|tbd|none|null|undefined)|x{3,}|\*+|\.{3}|sk-(\.{3}|x+))$/i;

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
  const advice = commands(wanted);
  checkRegion(secretId, home);
  const { arn } = await describe(calls, wanted, home);
  const value = await calls.readSecret(arn).catch((error: unknown) => {
    if (isAccessDenied(error)) throw new Refusal(unreadable(secretId, home));
    if (error instanceof Error && error.name === 'DecryptionFailure') throw new Refusal(undecryptable(secretId));
    // AWS says so of a secret that was marked for deletion after it was described.
    if (error instanceof Error && error.name === 'InvalidRequestException') throw new Refusal(marked(secretId));
    throw error;
  });
  const text = value?.text;
  if (text === undefined) throw new Refusal(`The secret ${secretId} has no text value. Store one: ${advice.put}`);
  const fields = jsonObject(text);
  if (jsonKey === undefined) {
    if (fields) {
      throw new Refusal(
        `The secret ${secretId} is a JSON object, not a plain key. Say under which of its JSON keys the API key stands: jsonKey.`,
      );
    }
    const problem = problemOf(text);
    if (problem) throw new Refusal(`The secret ${secretId} ${problem}. Store the real key: ${advice.put}`);
    return { arn, key: { source: 'MANAGED', apiKey: text }, version: value?.version };
  }
  if (!fields) throw new Refusal(`The secret ${secretId} is not a JSON object. Store one: ${advice.put}`);
  if (!Object.hasOwn(fields, jsonKey)) {
    throw new Refusal(`The secret ${secretId} has no JSON key "${jsonKey}". Store one: ${advice.put}`);
  }
  const key = fields[jsonKey];
  const problem = problemOf(key);
  if (problem || typeof key !== 'string') {
    throw new Refusal(
      `The JSON key "${jsonKey}" of the secret ${secretId} ${problem}. Store the real key: ${advice.put}`,
    );
  }
  return {
    arn,
    key: source === 'EXTERNAL' ? { source, secretArn: arn, jsonKey } : { source, apiKey: key },
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
  const { create } = commands(wanted);
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
    throw new Refusal(`The secret ${secretId} does not exist in this account and Region. Create it: ${create}`);
  }
  if (secret.deletedDate) throw new Refusal(marked(secretId));
  return secret;
}

function commands({ secretId, jsonKey }: WantedKey) {
  const file =
    jsonKey === undefined
      ? '--secret-string file://key.txt, where key.txt is the key without a line end'
      : `--secret-string file://key.json, where key.json is {"${jsonKey}": "YOUR KEY"}`;
  return {
    create: `aws secretsmanager create-secret --name ${secretId} ${file}`,
    put: `aws secretsmanager put-secret-value --secret-id ${secretId} ${file}`,
  };
}

function marked(secretId: string): string {
  return `The secret ${secretId} is marked for deletion. Restore it: aws secretsmanager restore-secret --secret-id ${secretId}`;
}

function undecryptable(secretId: string): string {
  return `The secret ${secretId} cannot be decrypted. Enable its KMS key, and allow kms:Decrypt on it to the role of this deployment.`;
}

function unreadable(secretId: string, home: string): string {
  const [, , , , account] = home.split(':');
  return isElsewhere(secretId, home)
    ? `The secret ${secretId} is in another account, and may not be read from ${account}. There, its resource policy must allow secretsmanager:DescribeSecret and secretsmanager:GetSecretValue to account ${account}, and its KMS key, which must be a customer managed one, kms:Decrypt.`
    : `The secret ${secretId} may not be read. Its resource policy must not deny secretsmanager:GetSecretValue, and its KMS key must allow kms:Decrypt, to the role of this deployment.`;
}

function isElsewhere(secretId: string, home: string): boolean {
  return secretId.startsWith('arn:') && secretId.split(':')[4] !== home.split(':')[4];
}

function checkRegion(secretId: string, home: string): void {
  const [there, here] = [secretId.split(':')[3], home.split(':')[3]];
  if (!secretId.startsWith('arn:') || there === here) return;
  throw new Refusal(
    `The secret ${secretId} is in ${there}, and a credential provider needs one in its own Region, ${here}. Replicate it: aws secretsmanager replicate-secret-to-regions --region ${there} --secret-id ${secretId} --add-replica-regions Region=${here}`,
  );
}

function problemOf(key: unknown): string | undefined {
  if (typeof key !== 'string') return 'is not a string';
  if (key.trim() === '') return 'is empty';
  if (key !== key.trim()) return 'begins or ends with white space or a line end';
  if (placeholder.test(key)) return 'is a placeholder, not a key';
  return undefined;
}

function jsonObject(value: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
