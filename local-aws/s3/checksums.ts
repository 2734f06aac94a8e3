import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { HttpRequest } from '../http/message.ts';
import { s3Error } from './errors.ts';

const checks: Record<string, (body: Buffer) => string> = {
  'content-md5': (body) => createHash('md5').update(body).digest('base64'),
  'x-amz-checksum-sha256': (body) => createHash('sha256').update(body).digest('base64'),
  'x-amz-checksum-sha1': (body) => createHash('sha1').update(body).digest('base64'),
  'x-amz-checksum-crc32': (body) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(body));
    return bytes.toString('base64');
  },
};

/**
 * Checks that a body arrived as it was sent: its length, and the checksums that stand in the headers.
 *
 * @throws AwsError IncompleteBody, BadDigest
 */
export function checkBody({ headers, body }: HttpRequest): void {
  const length = headers['x-amz-decoded-content-length'];
  if (length !== undefined && Number(length) !== body.length) throw s3Error('IncompleteBody');
  for (const [header, compute] of Object.entries(checks)) {
    const expected = headers[header];
    if (expected !== undefined && expected !== compute(body)) throw s3Error('BadDigest');
  }
}
