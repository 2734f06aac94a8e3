import { createHash, randomBytes } from 'node:crypto';
import { s3Error } from './errors.ts';
import type { ObjectMetadata } from './object-store.ts';

interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly metadata: ObjectMetadata;
  readonly parts: Map<number, { readonly body: Buffer; readonly etag: string }>;
}

const minPartBytes = 5 * 1024 * 1024;

/** Multipart uploads that are under way. */
export class MultipartUploads {
  readonly #uploads = new Map<string, Upload>();

  start(bucket: string, key: string, metadata: ObjectMetadata): string {
    const id = randomBytes(24).toString('base64url');
    this.#uploads.set(id, { bucket, key, metadata, parts: new Map() });
    return id;
  }

  /** Keeps a part, in place of an earlier one of its number, and returns its ETag. */
  put(id: string, bucket: string, key: string, partNumber: number, body: Buffer): string {
    const { parts } = this.#find(id, bucket, key);
    if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > 10_000) {
      throw s3Error('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive');
    }
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    parts.set(partNumber, { body, etag });
    return etag;
  }

  /**
   * Puts the listed parts together and forgets the upload.
   *
   * @param document the body of CompleteMultipartUpload
   * @throws AwsError NoSuchUpload, MalformedXML, InvalidPart, InvalidPartOrder, EntityTooSmall
   */
  complete(id: string, bucket: string, key: string, document: string): { body: Buffer; metadata: ObjectMetadata } {
    const { parts, metadata } = this.#find(id, bucket, key);
    const listed = readParts(document);
    if (listed.length === 0) throw s3Error('MalformedXML');
    const used = listed.map(({ partNumber, etag }, index) => {
      const part = parts.get(partNumber);
      if (!part || part.etag.replaceAll('"', '') !== etag.replaceAll('"', '')) throw s3Error('InvalidPart');
      if (partNumber <= (listed[index - 1]?.partNumber ?? 0)) throw s3Error('InvalidPartOrder');
      if (index < listed.length - 1 && part.body.length < minPartBytes) throw s3Error('EntityTooSmall');
      return part;
    });
    const hash = createHash('md5');
    for (const { etag } of used) hash.update(Buffer.from(etag.replaceAll('"', ''), 'hex'));
    this.#uploads.delete(id);
    return {
      body: Buffer.concat(used.map(({ body }) => body)),
      metadata: { ...metadata, etag: `"${hash.digest('hex')}-${used.length}"` },
    };
  }

  abort(id: string, bucket: string, key: string): void {
    this.#find(id, bucket, key);
    this.#uploads.delete(id);
  }

  #find(id: string, bucket: string, key: string): Upload {
    const upload = this.#uploads.get(id);
    if (!upload || upload.bucket !== bucket || upload.key !== key) throw s3Error('NoSuchUpload');
    return upload;
  }
}

function readParts(document: string): { partNumber: number; etag: string }[] {
  return [...document.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => {
    const partNumber = /<PartNumber>\s*(\d+)\s*<\/PartNumber>/.exec(part)?.[1];
    const etag = /<ETag>\s*(.*?)\s*<\/ETag>/s.exec(part)?.[1];
    if (partNumber === undefined || etag === undefined) throw s3Error('MalformedXML');
    return { partNumber: Number(partNumber), etag: etag.replaceAll('&quot;', '"').replaceAll('&#34;', '"') };
  });
}
