import type { Aws } from '../aws.ts';
import { type AwsError, notSupported } from '../errors.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import { renderXml } from '../http/xml.ts';
import type { Call, Service } from '../service.ts';
import { type Address, readAddress } from './address.ts';
import { checkBody } from './checksums.ts';
import { s3Error } from './errors.ts';
import { renderObjectList } from './list-objects.ts';
import { MultipartUploads } from './multipart.ts';
import type { ObjectMetadata, StoredObject } from './object-store.ts';
import { operationOf } from './operation.ts';

type Run = (call: Call, bucket: string, key: string) => HttpResponse;

const xmlNamespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** Headers that ask for something which local-aws would otherwise silently leave out. */
const refusedHeaders = [
  ...['if-none-match', 'if-modified-since', 'if-unmodified-since', 'x-amz-tagging', 'x-amz-website-redirect-location'],
  ...['x-amz-server-side-encryption-customer-algorithm', 'x-amz-object-lock-mode', 'x-amz-object-lock-legal-hold'],
  ...['x-amz-grant-read', 'x-amz-grant-write', 'x-amz-grant-full-control', 'x-amz-mfa'],
];

/** Simple Storage Service: what the `cdk` command needs of it, and `aws s3 cp`. */
export function s3Service({ objects, account, iam }: Pick<Aws, 'objects' | 'account' | 'iam'>): Service {
  const uploads = new MultipartUploads();

  const objectOf = (call: Call, bucket: string, key: string): StoredObject => {
    call.authorize('s3:GetObject', `arn:aws:s3:::${bucket}/${key}`);
    const object = objects.find(bucket, key);
    const etag = call.request.headers['if-match'];
    if (object && etag !== undefined && etag !== '*' && etag !== object.etag) throw s3Error('PreconditionFailed');
    if (object) return object;
    // Who may not list a bucket does not learn whether an object is in it.
    call.authorize('s3:ListBucket', `arn:aws:s3:::${bucket}`);
    throw s3Error('NoSuchKey');
  };

  const operations: Record<string, Run> = {
    HeadBucket(call, bucket) {
      call.authorize('s3:ListBucket', `arn:aws:s3:::${bucket}`);
      return { status: 200, headers: { 'x-amz-bucket-region': objects.bucketRegion(bucket) ?? call.region } };
    },

    GetBucketLocation(call, bucket) {
      call.authorize('s3:GetBucketLocation', `arn:aws:s3:::${bucket}`);
      const region = objects.bucketRegion(bucket) ?? call.region;
      // The oldest Region has no name here.
      return xml('LocationConstraint', region === 'us-east-1' ? '' : region);
    },

    GetBucketEncryption(call, bucket) {
      call.authorize('s3:GetEncryptionConfiguration', `arn:aws:s3:::${bucket}`);
      return xml(
        'ServerSideEncryptionConfiguration',
        renderXml({
          Rule: { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false },
        }),
      );
    },

    ListObjectsV2(call, bucket) {
      const { query } = call.request;
      call.authorize('s3:ListBucket', `arn:aws:s3:::${bucket}`, {
        's3:prefix': query.get('prefix') ?? undefined,
        's3:delimiter': query.get('delimiter') ?? undefined,
        's3:max-keys': query.get('max-keys') ?? undefined,
      });
      const found = objects.list(bucket, query.get('prefix') ?? '');
      return xml('ListBucketResult', renderObjectList(bucket, found, query));
    },

    PutObject(call, bucket, key) {
      call.authorize('s3:PutObject', `arn:aws:s3:::${bucket}/${key}`);
      checkBody(call.request);
      const { etag } = objects.put(bucket, key, call.request.body, metadataOf(call.request));
      return { status: 200, headers: { etag, 'x-amz-server-side-encryption': 'AES256' } };
    },

    GetObject(call, bucket, key) {
      const object = objectOf(call, bucket, key);
      const range = readRange(call.request.headers.range, object.body.length);
      if (!range) return { status: 200, headers: headersOf(object), body: object.body };
      const body = object.body.subarray(range.start, range.end + 1);
      const contentRange = `bytes ${range.start}-${range.end}/${object.body.length}`;
      return { status: 206, headers: { ...headersOf(object), ...lengthOf(body), 'content-range': contentRange }, body };
    },

    HeadObject(call, bucket, key) {
      return { status: 200, headers: headersOf(objectOf(call, bucket, key)) };
    },

    DeleteObject(call, bucket, key) {
      call.authorize('s3:DeleteObject', `arn:aws:s3:::${bucket}/${key}`);
      objects.delete(bucket, key);
      return { status: 204 };
    },

    CreateMultipartUpload(call, bucket, key) {
      call.authorize('s3:PutObject', `arn:aws:s3:::${bucket}/${key}`);
      const uploadId = uploads.start(bucket, key, metadataOf(call.request));
      return xml('InitiateMultipartUploadResult', renderXml({ Bucket: bucket, Key: key, UploadId: uploadId }));
    },

    UploadPart(call, bucket, key) {
      call.authorize('s3:PutObject', `arn:aws:s3:::${bucket}/${key}`);
      checkBody(call.request);
      const { query, body } = call.request;
      const etag = uploads.put(uploadIdOf(query), bucket, key, Number(query.get('partNumber')), body);
      return { status: 200, headers: { etag } };
    },

    CompleteMultipartUpload(call, bucket, key) {
      call.authorize('s3:PutObject', `arn:aws:s3:::${bucket}/${key}`);
      const { query, body } = call.request;
      const whole = uploads.complete(uploadIdOf(query), bucket, key, body.toString('utf8'));
      const { etag } = objects.put(bucket, key, whole.body, whole.metadata);
      const location = `http://${call.request.headers.host}${call.request.path}`;
      return xml(
        'CompleteMultipartUploadResult',
        renderXml({ Location: location, Bucket: bucket, Key: key, ETag: etag }),
      );
    },

    AbortMultipartUpload(call, bucket, key) {
      call.authorize('s3:AbortMultipartUpload', `arn:aws:s3:::${bucket}/${key}`);
      uploads.abort(uploadIdOf(call.request.query), bucket, key);
      return { status: 204 };
    },
  };

  const check = ({ request }: Call, { bucket }: Address): void => {
    const header = refusedHeaders.find((name) => request.headers[name] !== undefined);
    if (header) throw notSupported(`the header ${header} of S3`);
    if (request.headers['if-match'] !== undefined && request.method !== 'GET' && request.method !== 'HEAD') {
      throw notSupported('the header if-match of S3 for writing');
    }
    if (request.query.has('versionId')) throw notSupported('versions of S3 objects');
    if (bucket === undefined || !objects.hasBucket(bucket)) throw s3Error('NoSuchBucket');
    const owner = request.headers['x-amz-expected-bucket-owner'];
    if (owner !== undefined && owner !== account) throw s3Error('AccessDenied');
  };

  return {
    signingName: 's3',
    title: 'S3',
    operationOf: (request) => {
      try {
        return operationOf(request);
      } catch {
        return undefined;
      }
    },
    async handle(call) {
      const name = operationOf(call.request);
      const run = Object.hasOwn(operations, name) ? operations[name] : undefined;
      if (!run) throw notSupported(`S3: ${name}`);
      const address = readAddress(call.request);
      check(call, address);
      const bucket = address.bucket as string;
      const authorize: Call['authorize'] = (action, resources, context) =>
        iam.authorize(call.caller, action, resources, context, objects.policyOf(bucket));
      const response = run({ ...call, authorize }, bucket, address.key ?? '');
      return { ...response, headers: { ...response.headers, 'x-amz-request-id': call.requestId } };
    },
    renderError,
  };
}

/** S3's own names of errors that every service has. */
const codes: Record<string, string> = {
  AccessDeniedException: 'AccessDenied',
  InvalidClientTokenId: 'InvalidAccessKeyId',
  ExpiredTokenException: 'ExpiredToken',
};

function renderError({ code, message, status }: Pick<AwsError, 'code' | 'message' | 'status'>, requestId: string) {
  const error = renderXml({ Code: codes[code] ?? code, Message: message, RequestId: requestId });
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${error}</Error>`,
  };
}

function xml(element: string, content: string): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<${element} xmlns="${xmlNamespace}">${content}</${element}>`,
  };
}

function metadataOf({ headers }: HttpRequest): ObjectMetadata {
  const userMetadata = Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-')));
  return { contentType: headers['content-type'] ?? 'binary/octet-stream', userMetadata };
}

function headersOf({ contentType, userMetadata, etag, lastModified, body }: StoredObject): Record<string, string> {
  return {
    'content-type': contentType ?? 'binary/octet-stream',
    'accept-ranges': 'bytes',
    etag,
    'last-modified': lastModified.toUTCString(),
    'x-amz-server-side-encryption': 'AES256',
    ...lengthOf(body),
    ...userMetadata,
  };
}

// HEAD has no body that would tell the length.
function lengthOf(body: Buffer): { 'content-length': string } {
  return { 'content-length': String(body.length) };
}

function readRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end) throw s3Error('InvalidRange');
  return { start, end };
}

function uploadIdOf(query: URLSearchParams): string {
  return query.get('uploadId') ?? '';
}
