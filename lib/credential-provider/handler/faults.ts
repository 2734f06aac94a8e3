import { Refusal } from './refusal.ts';

const throttling = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'LimitExceededException',
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

/** Whether the same call may well succeed a moment later: throttling, a fault of the service or of the network. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata, code } = error as { $metadata?: { httpStatusCode?: number }; code?: unknown };
  return (
    throttling.has(error.name) ||
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
 * The reason in words for a person. AWS's own are passed on; those of a parser are not, as it quotes what it could not
 * read, a secret maybe.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (!(error instanceof Error)) return 'An error without a name';
  return '$fault' in error && error.name !== 'SyntaxError' ? `${error.name}: ${error.message}` : error.name;
}

/**
 * AWS quotes the value that it finds invalid: the key that it was handed, or that it has read by itself, perhaps a newer one
 * than we know. So of such an error of a write only the name remains, and which field it is about.
 */
export function withoutKey(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'ValidationException' || isTaken(error)) return error;
  const field = /\bat '(name|tags|apiKeySecretConfig)\b/.exec(error.message)?.[1] ?? 'apiKey';
  return new Refusal(
    `ValidationException: AgentCore does not take the ${field}. Its words are left out, as they may quote the key; check ${
      field === 'apiKey' ? 'the secret for characters that do not belong into a key' : `the ${field}`
    }.`,
  );
}
