import type { HttpRequest } from '../http/message.ts';
import { readAddress } from './address.ts';

const verbs: Record<string, string> = { GET: 'Get', HEAD: 'Head', PUT: 'Put', DELETE: 'Delete', POST: 'Post' };

const namedBySubresource: Record<string, string> = {
  'POST uploads': 'CreateMultipartUpload',
  'POST uploadId': 'CompleteMultipartUpload',
  'PUT uploadId': 'UploadPart',
  'DELETE uploadId': 'AbortMultipartUpload',
  'GET uploadId': 'ListParts',
  'GET uploads': 'ListMultipartUploads',
  'GET list-type': 'ListObjectsV2',
  'GET versions': 'ListObjectVersions',
  'POST delete': 'DeleteObjects',
};

/** Query parameters that say what is asked for; the others say how. */
const subresources = [
  ...['uploadId', 'uploads', 'list-type', 'versions', 'delete', 'location', 'encryption', 'acl', 'policy', 'tagging'],
  ...['versioning', 'lifecycle', 'cors', 'website', 'logging', 'notification', 'replication', 'publicAccessBlock'],
  ...['ownershipControls', 'policyStatus', 'requestPayment', 'accelerate', 'analytics', 'inventory', 'metrics'],
  ...['object-lock', 'retention', 'legal-hold', 'torrent', 'restore', 'select', 'attributes', 'intelligent-tiering'],
  ...['session', 'metadataTable', 'renameObject', 'append'],
];

/** The name of the operation that an S3 request asks for, also where local-aws does not know it. */
export function operationOf(request: HttpRequest): string {
  const { method, query, headers } = request;
  const { bucket, key } = readAddress(request);
  const subresource = subresources.find((name) => query.has(name));
  const verb = verbs[method] ?? method;
  if (subresource) {
    const suffix = subresource.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
    return (
      namedBySubresource[`${method} ${subresource}`] ?? `${verb}${key === undefined ? 'Bucket' : 'Object'}${suffix}`
    );
  }
  if (bucket === undefined) return method === 'GET' ? 'ListBuckets' : `${verb}Service`;
  if (key === undefined) {
    return { GET: 'ListObjects', PUT: 'CreateBucket', POST: 'PostObject' }[method] ?? `${verb}Bucket`;
  }
  return method === 'PUT' && headers['x-amz-copy-source'] !== undefined ? 'CopyObject' : `${verb}Object`;
}
