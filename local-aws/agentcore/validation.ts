import { AwsError } from '../errors.ts';

/** An error in the words that AWS's request validation uses. */
export function constraintViolation(name: string, value: unknown, constraint: string): AwsError {
  return new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: ${constraint}`,
  );
}

/**
 * Checks a string against a pattern that has to match all of it.
 *
 * @throws AwsError ValidationException
 */
export function checkPattern(name: string, value: unknown, pattern: string): asserts value is string {
  if (value === undefined || value === null) {
    throw constraintViolation(name, 'null', 'Member must not be null');
  }
  if (typeof value !== 'string' || !new RegExp(`^(?:${pattern})$`).test(value)) {
    throw constraintViolation(name, value, `Member must satisfy regular expression pattern: ${pattern}`);
  }
}

/**
 * Checks a length, without putting the value into the message.
 *
 * @throws AwsError ValidationException
 */
export function checkLength(name: string, value: unknown, min: number, max: number): asserts value is string {
  if (typeof value === 'string' && value.length >= min && value.length <= max) return;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must have length between ${min} and ${max}, inclusive`,
  );
}
