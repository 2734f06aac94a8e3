import type { Filter } from '@aws-sdk/client-secrets-manager';
import { AwsError, notSupported } from '../errors.ts';
import type { Secret } from './secret.ts';

/** The texts of a secret that a filter of ListSecrets looks at: one that begins with the wanted text is enough. */
const texts: Record<string, (secret: Readonly<Secret>) => readonly string[]> = {
  name: ({ name }) => [name],
  description: ({ description }) => (description === undefined ? [] : [description]),
  'tag-key': ({ tags }) => [...tags.keys()],
  'tag-value': ({ tags }) => [...tags.values()],
  'owning-service': ({ owningService }) => (owningService === undefined ? [] : [owningService]),
};

/**
 * Whether all filters of a ListSecrets call let a secret pass. A value that begins with `!` turns its test around.
 *
 * @throws AwsError for a filter key that local-aws does not know
 */
export function passes(secret: Readonly<Secret>, filters: readonly Filter[]): boolean {
  return filters.every(({ Key: key, Values: values = [] }) => {
    const read = texts[key ?? ''];
    if (!read) throw notSupported(`the filter "${key}" of ListSecrets`);
    return values.some((value) => {
      const negated = value.startsWith('!');
      const start = negated ? value.slice(1) : value;
      return read(secret).some((text) => text.startsWith(start)) !== negated;
    });
  });
}

/** One page of a list, and the token of the next. */
export function page<T>(
  items: readonly T[],
  { MaxResults: size = 100, NextToken: token }: { MaxResults?: number; NextToken?: string },
): { items: readonly T[]; NextToken?: string } {
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64url').toString('utf8'));
  if (!Number.isInteger(start) || start < 0) {
    throw new AwsError('InvalidNextTokenException', 'You specified an invalid NextToken.');
  }
  const end = start + size;
  return {
    items: items.slice(start, end),
    ...(end < items.length ? { NextToken: Buffer.from(String(end)).toString('base64url') } : {}),
  };
}
