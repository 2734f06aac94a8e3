import { randomInt } from 'node:crypto';
import { AwsError } from '../errors.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * Checks a new secret's name.
 *
 * @throws AwsError ValidationException
 */
export function checkName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || !/^[A-Za-z0-9/_+=.@!-]{1,512}$/.test(name)) {
    throw new AwsError(
      'ValidationException',
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    );
  }
}

/** The ARN of a secret without the six characters that AWS adds to it: what is called a partial ARN. */
export function partialArn(region: string, account: string, name: string): string {
  return `arn:aws:secretsmanager:${region}:${account}:secret:${name}`;
}

/** A new secret's full ARN: with six random characters, so that a recreated secret is not taken for the old one. */
export function newArn(region: string, account: string, name: string): string {
  const suffix = Array.from({ length: 6 }, () => letters[randomInt(letters.length)]).join('');
  return `${partialArn(region, account, name)}-${suffix}`;
}

/** Whether a SecretId (a name, a full ARN or a partial ARN) means this secret. */
export function means(secretId: string, secret: { readonly arn: string; readonly name: string }): boolean {
  return secretId === secret.name || secretId === secret.arn || secretId === secret.arn.slice(0, -'-xxxxxx'.length);
}
