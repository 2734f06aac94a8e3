import { problemOfApiKey } from '../api-key.ts';

/** What keeps the value of a secret from being the source of a key. None of it quotes the value. */
export interface SecretValueProblem {
  /** What the sentence begins with: the secret, or the field of its JSON object. */
  readonly subject: 'secret' | 'field';
  /** The rest of the sentence, without a full stop. */
  readonly problem: string;
  readonly remedy: typeof storeOne | typeof storeReal | typeof sayJsonKey;
}

export const storeOne = 'Store one';
export const storeReal = 'Store the real key';
export const sayJsonKey = 'Say under which of its JSON keys the API key stands: jsonKey';

/**
 * The API key in the value of a secret.
 *
 * @param text undefined for a secret without a text value
 * @param jsonKey undefined where the whole secret is the key
 */
export function keyIn(
  text: string | undefined,
  jsonKey: string | undefined,
): { readonly key: string } | SecretValueProblem {
  if (text === undefined) return { subject: 'secret', problem: 'has no text value', remedy: storeOne };
  const fields = jsonObject(text);
  if (jsonKey === undefined) {
    if (fields) return { subject: 'secret', problem: 'is a JSON object, not a plain key', remedy: sayJsonKey };
    const problem = problemOfApiKey(text);
    return problem ? { subject: 'secret', problem, remedy: storeReal } : { key: text };
  }
  if (!fields) return { subject: 'secret', problem: 'is not a JSON object', remedy: storeOne };
  if (!Object.hasOwn(fields, jsonKey)) {
    return { subject: 'secret', problem: `has no JSON key "${jsonKey}"`, remedy: storeOne };
  }
  const key = fields[jsonKey];
  if (typeof key !== 'string') return { subject: 'field', problem: 'is not a string', remedy: storeReal };
  const problem = problemOfApiKey(key);
  return problem ? { subject: 'field', problem, remedy: storeReal } : { key };
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
