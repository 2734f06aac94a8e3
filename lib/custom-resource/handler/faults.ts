import { Refusal } from './refusal.ts';

const throttling = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'LimitExceededException',
]);
/** Said of a moment, unlike a ConflictException, which at a create says that the name is taken. */
const changedMeanwhile = new Set([
  'RetryableConflictException',
  'ConcurrentModificationException',
  'OperationAbortedException',
]);
const network = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'TimeoutError',
  'NetworkingError',
]);

export function isThrottled(error: Error): boolean {
  return throttling.has(error.name);
}

export function isChangedMeanwhile(error: Error): boolean {
  return changedMeanwhile.has(error.name);
}

/** Whether the same call may well succeed a moment later: throttling, a change at the same time, a fault of the service or the network. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata, code } = error as { $metadata?: { httpStatusCode?: number }; code?: unknown };
  return (
    isThrottled(error) ||
    isChangedMeanwhile(error) ||
    ($metadata?.httpStatusCode ?? 0) >= 500 ||
    network.has(error.name) ||
    (typeof code === 'string' && network.has(code))
  );
}

/** What AWS answers while a policy that was attached a moment ago is not yet known everywhere, and also ever after. */
export function isAccessDenied(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AccessDeniedException' || error.name === 'AccessDenied');
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && error.name === 'ResourceNotFoundException';
}

/**
 * The reason in words for a person. AWS's own are passed on; those of a parser are not, as it quotes what it could not
 * read, a secret maybe.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (!(error instanceof Error)) return 'An error without a name';
  return '$fault' in error && error.name !== 'SyntaxError' ? `${error.name}: ${error.message}` : error.name;
}
