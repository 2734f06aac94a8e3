import type { Calls } from './calls.ts';
import { Refusal } from './refusal.ts';

const placeholder =
  /^(<.*>|\$\{.*\}|\{\{.*\}\}|change[-_ ]?me|replace[-_ ]?me|your[-_ ].*|(api[-_ ]?key|key|secret|placeholder|dummy|todo|tbd|none|null|undefined)|x{3,}|\*+|\.{3}|sk-(\.{3}|x+))$/i;

/**
 * Makes sure that the secret can serve as the source of the key, before anything is created.
 *
 * @returns the secret's full ARN
 * @throws Refusal that says what is wrong with which secret and what to do; the value is never in it
 */
export async function checkSecret(calls: Calls, secretId: string, jsonKey: string): Promise<string> {
  const create = `aws secretsmanager create-secret --name ${secretId} --secret-string file://key.json, where key.json is {"${jsonKey}": "YOUR KEY"}`;
  const put = `aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string file://key.json, where key.json is {"${jsonKey}": "YOUR KEY"}`;
  const secret = await calls.describeSecret(secretId);
  if (!secret) {
    throw new Refusal(`The secret ${secretId} does not exist in this account and Region. Create it: ${create}`);
  }
  if (secret === 'access denied') {
    throw new Refusal(
      `The secret ${secretId} does not exist in this account and Region, or its policies keep this deployment from reading it. Create it: ${create}`,
    );
  }
  if (secret.deletedDate) {
    throw new Refusal(
      `The secret ${secretId} is marked for deletion. Restore it: aws secretsmanager restore-secret --secret-id ${secretId}`,
    );
  }
  const value = await calls.readSecret(secret.arn);
  if (value === undefined) throw new Refusal(`The secret ${secretId} has no text value. Store one: ${put}`);
  const fields = jsonObject(value);
  if (!fields) throw new Refusal(`The secret ${secretId} is not a JSON object. Store one: ${put}`);
  if (!Object.hasOwn(fields, jsonKey)) {
    throw new Refusal(`The secret ${secretId} has no JSON key "${jsonKey}". Store one: ${put}`);
  }
  const key = fields[jsonKey];
  const problem = problemOf(key);
  if (problem)
    throw new Refusal(`The JSON key "${jsonKey}" of the secret ${secretId} ${problem}. Store the real key: ${put}`);
  return secret.arn;
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
