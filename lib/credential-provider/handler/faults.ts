import {
  isAccessDenied,
  isChangedMeanwhile,
  isMissing,
  isThrottled,
  isTransient,
} from '../../custom-resource/handler/faults.ts';
import { Refusal } from '../../custom-resource/handler/refusal.ts';

const quota = new Set(['ServiceQuotaExceededException', 'ResourceLimitExceededException']);

/** Whether it is certain that nothing was done: AWS says so, or it was never asked. */
export function isRefused(error: unknown): boolean {
  if (error instanceof Refusal) return true;
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500;
}

/** Somebody else is changing the same provider just now; at a create it means that the name is taken. */
export function isConflict(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConflictException';
}

/** The name is taken. The service was seen to say so in a ValidationException, and its model has a ConflictException. */
export function isTaken(error: unknown): boolean {
  if (isConflict(error)) return true;
  return error instanceof Error && error.name === 'ValidationException' && /already exists/i.test(error.message);
}

/**
 * What a write of the provider answers. AWS may quote the key in the words of an error: the one that it was handed, or that
 * it has read by itself, perhaps a newer one than we know. So only errors that are about something else keep them.
 *
 * @param write a create or an update: no other call knows the key
 * @param isExpected errors that the caller knows what to do about, and shows to nobody
 * @throws Refusal that names the error and says what to check
 */
export async function withoutKey(
  write: Promise<void>,
  isExpected: (error: unknown) => boolean = () => false,
): Promise<void> {
  try {
    await write;
  } catch (error) {
    // What is no error of AWS's is only called by its name in any case.
    if (!(error instanceof Error) || !('$fault' in error) || isExpected(error) || isAboutNoKey(error)) throw error;
    const [what, check] = wordsInstead(error);
    throw new Refusal(`${error.name}: ${what}. Its words are left out, as they may quote the key; ${check}.`);
  }
}

function isAboutNoKey(error: Error): boolean {
  return isAccessDenied(error) || isMissing(error) || isThrottled(error) || quota.has(error.name);
}

function wordsInstead(error: Error): readonly [what: string, check: string] {
  if (error.name === 'ValidationException') {
    const field = /\bat '(name|tags|apiKeySecretConfig)\b/.exec(error.message)?.[1] ?? fieldInWords(error.message);
    return [`AgentCore does not take the ${field}`, `check ${checks[field] ?? `the ${field}`}`];
  }
  if (error.name === 'EncryptionFailure' || error.name === 'DecryptionFailure') {
    return [
      'AgentCore cannot use the KMS key of the secret or of the token vault',
      'check that the key is enabled, and that its policy allows it to the role of this deployment',
    ];
  }
  if (isConflict(error) || isChangedMeanwhile(error)) {
    return ['AgentCore was changing the credential provider for somebody else', 'deploy again'];
  }
  if (error.name === 'ServiceException' || isTransient(error)) return ['AgentCore has failed', 'deploy again'];
  return [
    'AgentCore does not write the credential provider',
    'check the secret, its JSON key, and the name and tags of the provider',
  ];
}

const checks: Readonly<Record<string, string>> = {
  apiKey: 'the secret for characters that do not belong into a key',
  tags: 'the tags, of which there may be 50 with the ones that mark the owner',
};

function fieldInWords(message: string): string {
  return /\bnumber of tags\b/i.test(message) ? 'tags' : 'apiKey';
}
