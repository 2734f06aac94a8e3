import { renderXml } from '../http/xml.ts';
import { s3Error } from './errors.ts';
import type { StoredObject } from './object-store.ts';

/**
 * The body of ListObjectsV2, without its outer element.
 *
 * @param objects the bucket's objects with the prefix asked for, in the order of their keys
 * @throws AwsError InvalidArgument
 */
export function renderObjectList(bucket: string, objects: readonly StoredObject[], query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const maxKeys = Math.min(Number(query.get('max-keys') ?? 1000), 1000);
  if (!Number.isInteger(maxKeys) || maxKeys < 0) {
    throw s3Error('InvalidArgument', 'Provided max-keys not an integer or within integer range');
  }
  const encoding = query.get('encoding-type');
  const encoded = (text: string) => (encoding === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/') : text);

  const token = query.get('continuation-token');
  const after = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString('utf8');
  const entries = group(objects, prefix, delimiter).filter(
    ({ name }) => Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0,
  );
  const shown = entries.slice(0, maxKeys);
  const isTruncated = entries.length > shown.length && maxKeys > 0;

  const contents = shown.flatMap(({ object }) => (object ? [object] : []));
  const prefixes = shown.flatMap(({ name, object }) => (object ? [] : [name]));
  return [
    renderXml({
      Name: bucket,
      Prefix: encoded(prefix),
      Delimiter: delimiter === '' ? undefined : encoded(delimiter),
      MaxKeys: maxKeys,
      KeyCount: shown.length,
      IsTruncated: isTruncated,
      EncodingType: encoding ?? undefined,
      StartAfter: query.has('start-after') ? encoded(query.get('start-after') as string) : undefined,
      ContinuationToken: token ?? undefined,
      NextContinuationToken: isTruncated ? Buffer.from(shown.at(-1)?.name ?? '').toString('base64url') : undefined,
    }),
    ...contents.map(
      ({ key, etag, body, lastModified }) =>
        `<Contents>${renderXml({ Key: encoded(key), LastModified: lastModified, ETag: etag, Size: body.length, StorageClass: 'STANDARD' })}</Contents>`,
    ),
    ...prefixes.map((name) => `<CommonPrefixes>${renderXml({ Prefix: encoded(name) })}</CommonPrefixes>`),
  ].join('');
}

/** Rolls the keys that share what stands before the delimiter into one entry, which has no object. */
function group(
  objects: readonly StoredObject[],
  prefix: string,
  delimiter: string,
): readonly { name: string; object?: StoredObject }[] {
  const entries = new Map<string, { name: string; object?: StoredObject }>();
  for (const object of objects) {
    const at = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    if (at < 0) entries.set(object.key, { name: object.key, object });
    else {
      const name = object.key.slice(0, at + delimiter.length);
      entries.set(name, { name });
    }
  }
  return [...entries.values()];
}
