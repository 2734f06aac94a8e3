import type { HttpRequest } from '../http/message.ts';
import { s3Error } from './errors.ts';

/** What an S3 request is about. */
export interface Address {
  readonly bucket: string | undefined;
  readonly key: string | undefined;
}

const hostedBucket = /^(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.(?:127\.0\.0\.1|localhost)(?::\d+)?$/;

/**
 * Reads bucket and key, from the path (`/BUCKET/KEY`) or with the bucket in the host (`BUCKET.localhost`).
 *
 * @throws AwsError InvalidURI when the path is not percent-encoded as it should be
 */
export function readAddress({ path, headers }: HttpRequest): Address {
  const hosted = hostedBucket.exec(headers.host ?? '')?.groups?.bucket;
  const rest = hosted === undefined ? path.slice(1) : `${hosted}${path}`;
  const slash = rest.indexOf('/');
  const bucket = slash < 0 ? rest : rest.slice(0, slash);
  const key = slash < 0 ? '' : rest.slice(slash + 1);
  try {
    return { bucket: decodeURIComponent(bucket) || undefined, key: decodeURIComponent(key) || undefined };
  } catch {
    throw s3Error('InvalidURI');
  }
}
