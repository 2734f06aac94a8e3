import { createHash } from 'node:crypto';
import type { PolicyDocument } from '../iam/policy.ts';

/** What S3 keeps beside an object's bytes. */
export interface ObjectMetadata {
  readonly contentType?: string;
  /** Quoted, as the header `ETag` carries it; the default is the MD5 of the body. */
  readonly etag?: string;
  /** The headers `x-amz-meta-…`, by their whole lower-case names. */
  readonly userMetadata?: Readonly<Record<string, string>>;
}

/** An object as listed. */
export interface StoredObject extends ObjectMetadata {
  readonly key: string;
  readonly body: Buffer;
  readonly etag: string;
  readonly lastModified: Date;
}

interface Bucket {
  readonly region: string | undefined;
  readonly objects: Map<string, StoredObject>;
  policy?: PolicyDocument | undefined;
}

/** The account's buckets and their objects, in memory. Bucket names are unique over all Regions. */
export class ObjectStore {
  readonly #buckets = new Map<string, Bucket>();

  /** Creates a bucket; one that is there already stays as it is. */
  createBucket(name: string, region?: string): void {
    if (!this.#buckets.has(name)) this.#buckets.set(name, { region, objects: new Map() });
  }

  /** @throws Error for a bucket that holds something: the caller has to ask first */
  deleteBucket(name: string): void {
    if (this.list(name).length > 0) throw new Error(`The bucket "${name}" is not empty.`);
    this.#buckets.delete(name);
  }

  /** The bucket's own policy; undefined takes it away. */
  setPolicy(name: string, policy: PolicyDocument | undefined): void {
    const bucket = this.#buckets.get(name);
    if (!bucket) throw new Error(`There is no bucket "${name}".`);
    bucket.policy = policy;
  }

  policyOf(name: string): PolicyDocument | undefined {
    return this.#buckets.get(name)?.policy;
  }

  hasBucket(name: string): boolean {
    return this.#buckets.has(name);
  }

  /** Where a bucket was created; undefined when that was not said. */
  bucketRegion(name: string): string | undefined {
    return this.#buckets.get(name)?.region;
  }

  /** @throws Error when there is no such bucket: the caller has to ask first */
  put(bucket: string, key: string, body: Buffer, metadata: ObjectMetadata = {}): StoredObject {
    const objects = this.#buckets.get(bucket)?.objects;
    if (!objects) throw new Error(`There is no bucket "${bucket}".`);
    const etag = metadata.etag ?? `"${createHash('md5').update(body).digest('hex')}"`;
    const object = { ...metadata, key, body, etag, lastModified: new Date() };
    objects.set(key, object);
    return object;
  }

  get(bucket: string, key: string): Buffer | undefined {
    return this.find(bucket, key)?.body;
  }

  /** An object with what is kept beside its bytes. */
  find(bucket: string, key: string): StoredObject | undefined {
    return this.#buckets.get(bucket)?.objects.get(key);
  }

  /** The objects whose keys begin with the prefix, in the order of their keys' UTF-8 bytes. */
  list(bucket: string, prefix = ''): StoredObject[] {
    const objects = [...(this.#buckets.get(bucket)?.objects.values() ?? [])];
    return objects
      .filter(({ key }) => key.startsWith(prefix))
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  delete(bucket: string, key: string): void {
    this.#buckets.get(bucket)?.objects.delete(key);
  }
}
