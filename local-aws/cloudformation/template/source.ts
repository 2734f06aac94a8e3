import type { Aws } from '../../aws.ts';
import { validationError } from './template.ts';

const maxBodyBytes = 51_200;
const maxObjectBytes = 1_048_576;

/**
 * The text of a template that is sent with the call or lies in S3.
 *
 * @param authorize checks the caller's right to read the object
 * @throws AwsError ValidationError
 */
export function templateText(
  aws: Aws,
  { body, url }: { body?: string; url?: string },
  authorize: (action: string, resource: string) => void,
): string {
  if ((body === undefined) === (url === undefined)) {
    throw validationError('Either Template URL or Template Body must be specified.');
  }
  if (body !== undefined) {
    if (Buffer.byteLength(body) > maxBodyBytes) {
      throw validationError(
        `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${maxBodyBytes}`,
      );
    }
    return body;
  }
  const location = s3Location(url as string, aws.endpoint);
  if (!location) throw validationError('TemplateURL must be a supported URL.');
  authorize('s3:GetObject', `arn:${aws.partition}:s3:::${location.bucket}/${location.key}`);
  const object = aws.objects.get(location.bucket, location.key);
  if (!object)
    throw validationError(`S3 error: The specified key does not exist. (${location.bucket}/${location.key})`);
  if (object.length > maxObjectBytes) {
    throw validationError(`Template may not exceed ${maxObjectBytes} bytes in size.`);
  }
  return object.toString('utf8');
}

/**
 * Reads path-style URLs (`https://s3.REGION.amazonaws.com/BUCKET/KEY`), virtual-hosted ones, and those below local-aws
 * itself: the CLI makes its URL from the endpoint that it was given for S3.
 */
function s3Location(url: string, ownEndpoint: string): { bucket: string; key: string } | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, pathname, port } = new URL(url);
  const path = decodeURIComponent(pathname.slice(1));
  const isOwn = isLoopback(hostname) && URL.canParse(ownEndpoint) && port === new URL(ownEndpoint).port;
  const isPathStyle = protocol === 'https:' && /^s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com$/.test(hostname);
  if ((isOwn || isPathStyle) && path.includes('/')) {
    const slash = path.indexOf('/');
    return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
  }
  const bucket =
    protocol === 'https:' ? /^(.+)\.s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com$/.exec(hostname)?.[1] : undefined;
  return bucket !== undefined && path !== '' ? { bucket, key: path } : undefined;
}

function isLoopback(hostname: string): boolean {
  return hostname === '127.0.0.1' || hostname === 'localhost';
}
