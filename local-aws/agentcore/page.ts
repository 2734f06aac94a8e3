import { AwsError } from '../errors.ts';

/**
 * One page of a list.
 *
 * @param maxResults the default is 100, the most that the service gives
 * @throws AwsError ValidationException for a token that no page gave out
 */
export function page<T>(
  items: readonly T[],
  { maxResults, nextToken }: { maxResults?: number | string | null; nextToken?: string | null },
): { items: readonly T[]; nextToken?: string } {
  const start = nextToken ? Number(Buffer.from(nextToken, 'base64url').toString('latin1')) : 0;
  const size = maxResults ? Number(maxResults) : 100;
  if (!Number.isInteger(start) || start < 0) throw new AwsError('ValidationException', 'Invalid nextToken');
  if (!Number.isInteger(size) || size < 1) throw new AwsError('ValidationException', 'Invalid maxResults');
  const end = start + size;
  return {
    items: items.slice(start, end),
    ...(end < items.length ? { nextToken: Buffer.from(String(end), 'latin1').toString('base64url') } : {}),
  };
}

/** A time as AgentCore's identity operations send it: seconds since 1970. Its runtime operations send ISO strings. */
export function seconds(time: Date): number {
  return time.getTime() / 1000;
}
