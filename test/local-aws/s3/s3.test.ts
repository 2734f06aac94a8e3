import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { ObjectStore } from '../../../local-aws/s3/object-store.ts';
import { s3Service } from '../../../local-aws/s3/service.ts';
import { region, type Started, startServices } from '../http/start-services.ts';

let started: Started;
beforeEach(async () => {
  started = await startServices(
    (aws) => {
      aws.objects = new ObjectStore();
      aws.objects.createBucket('assets', region);
    },
    [s3Service],
  );
});
afterEach(() => started.close());

const send = (method: string, path: string, more: Partial<Parameters<Started['send']>[0]> = {}) =>
  started.send({ service: 's3', method, path, ...more });
const md5 = (...parts: (string | Buffer)[]) => {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};
const codeOf = async (response: Response) => /<Code>(.*)<\/Code>/.exec(await response.text())?.[1];
const keysOf = (document: string) => [...document.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key);

describe('an object', () => {
  test('comes back as it was put, with its type and metadata', async () => {
    const body = Buffer.from([0, 1, 254, 255]);
    const headers = { 'content-type': 'application/zip', 'x-amz-meta-made-by': 'cdk' };
    const put = await send('PUT', '/assets/a/b.zip', { body, headers });
    expect(put.headers.get('etag')).toBe(`"${md5(body)}"`);
    const got = await send('GET', '/assets/a/b.zip');
    expect(Buffer.from(await got.arrayBuffer())).toEqual(body);
    expect(Object.fromEntries(got.headers)).toMatchObject({
      ...headers,
      'content-length': '4',
      etag: `"${md5(body)}"`,
    });
    const head = await send('HEAD', '/assets/a/b.zip');
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '4', '']);
  });

  test('has any key, also one that a URL would tidy up', async () => {
    for (const path of ['/assets/a%20b%2Bc', '/assets//double', '/assets/%C3%BC'])
      await send('PUT', path, { body: path });
    expect(started.aws.objects.list('assets').map(({ key }) => key)).toEqual(['/double', 'a b+c', 'ü']);
    expect(await (await send('GET', '/assets/a%20b%2Bc')).text()).toBe('/assets/a%20b%2Bc');
  });

  test('is read in part', async () => {
    await send('PUT', '/assets/a', { body: '0123456789' });
    const part = async (range: string) => {
      const response = await send('GET', '/assets/a', { headers: { range } });
      return [response.status, await response.text(), response.headers.get('content-range')];
    };
    expect(await part('bytes=2-4')).toEqual([206, '234', 'bytes 2-4/10']);
    expect(await part('bytes=8-')).toEqual([206, '89', 'bytes 8-9/10']);
    expect(await part('bytes=-3')).toEqual([206, '789', 'bytes 7-9/10']);
    expect((await part('bytes=10-'))[0]).toBe(416);
  });

  test('is read only if it is still the one that the client knows', async () => {
    await send('PUT', '/assets/a', { body: 'one' });
    const read = (etag: string) => send('GET', '/assets/a', { headers: { 'if-match': etag } });
    expect((await read(`"${md5('one')}"`)).status).toBe(200);
    expect((await read(`"${md5('two')}"`)).status).toBe(412);
  });

  test('is gone after it was deleted; deleting it again succeeds', async () => {
    await send('PUT', '/assets/a', { body: 'x' });
    expect([(await send('DELETE', '/assets/a')).status, (await send('DELETE', '/assets/a')).status]).toEqual([
      204, 204,
    ]);
    const response = await send('GET', '/assets/a');
    expect([response.status, await codeOf(response)]).toEqual([404, 'NoSuchKey']);
  });

  test.each([
    ['content-md5', Buffer.from(md5('body'), 'hex').toString('base64')],
    ['x-amz-checksum-sha256', createHash('sha256').update('body').digest('base64')],
    ['x-amz-checksum-crc32', 'zZuVtg=='],
  ])('that does not arrive as it was sent (%s) is refused', async (header, checksum) => {
    const damaged = await send('PUT', '/assets/a', { body: 'b0dy', headers: { [header]: checksum } });
    expect([damaged.status, await codeOf(damaged)]).toEqual([400, 'BadDigest']);
    expect(started.aws.objects.get('assets', 'a')).toBeUndefined();
  });

  test('that arrives whole has the right checksum', async () => {
    const headers = { 'x-amz-checksum-sha256': createHash('sha256').update('body').digest('base64') };
    expect((await send('PUT', '/assets/a', { body: 'body', headers })).status).toBe(200);
  });

  test('sent in the aws-chunked encoding has to have the length that it said', async () => {
    const chunked = (length: string) => ({
      body: '4\r\nbody\r\n0\r\n\r\n',
      headers: { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': length },
    });
    expect((await send('PUT', '/assets/a', chunked('4'))).status).toBe(200);
    expect(started.aws.objects.get('assets', 'a')?.toString()).toBe('body');
    expect(await codeOf(await send('PUT', '/assets/a', chunked('5')))).toBe('IncompleteBody');
  });
});

describe('a bucket', () => {
  test('says where it is, and how it is encrypted', async () => {
    expect(await (await send('GET', '/assets?location')).text()).toContain(`>${region}</LocationConstraint>`);
    expect(await (await send('GET', '/assets?encryption')).text()).toContain('<SSEAlgorithm>AES256</SSEAlgorithm>');
    expect((await send('HEAD', '/assets')).headers.get('x-amz-bucket-region')).toBe(region);
  });

  test('that is not there is NoSuchBucket', async () => {
    const response = await send('GET', '/other?list-type=2');
    expect([response.status, await codeOf(response)]).toEqual([404, 'NoSuchBucket']);
    expect((await send('HEAD', '/other')).status).toBe(404);
  });

  test('of another account is refused when the client expects that', async () => {
    const response = await send('GET', '/assets?location', {
      headers: { 'x-amz-expected-bucket-owner': '444455556666' },
    });
    expect([response.status, await codeOf(response)]).toEqual([403, 'AccessDenied']);
  });

  test('can stand in the name of the host', async () => {
    started.aws.objects.put('assets', 'a/b', Buffer.from('found'));
    const { port } = new URL(started.endpoint);
    for (const host of [`assets.127.0.0.1:${port}`, `assets.localhost:${port}`]) {
      const headers = { host, authorization: `AWS4-HMAC-SHA256 Credential=test/20261101/${region}/s3/aws4_request` };
      const [response] = await once(request({ host: '127.0.0.1', port, path: '/a/b', headers }).end(), 'response');
      expect(await text(response)).toBe('found');
    }
  });
});

describe('a list', () => {
  const list = async (query: string) => (await send('GET', `/assets?list-type=2&${query}`)).text();
  beforeEach(() => {
    for (const key of ['b', 'a/1', 'a/2', 'a b&c', 'c']) started.aws.objects.put('assets', key, Buffer.from('x'));
  });

  test('is in the order of the keys, below a prefix', async () => {
    expect(keysOf(await list(''))).toEqual(['a b&amp;c', 'a/1', 'a/2', 'b', 'c']);
    expect(keysOf(await list('prefix=a%2F'))).toEqual(['a/1', 'a/2']);
    expect(keysOf(await list('prefix=none'))).toEqual([]);
  });

  test('encodes keys when asked to', async () => {
    expect(keysOf(await list('encoding-type=url&prefix=a'))).toEqual(['a%20b%26c', 'a/1', 'a/2']);
  });

  test('rolls up what lies below a delimiter', async () => {
    const document = await list('delimiter=%2F');
    expect(keysOf(document)).toEqual(['a b&amp;c', 'b', 'c']);
    expect(document).toContain('<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>');
  });

  test('goes by pages', async () => {
    const seen: (string | undefined)[] = [];
    let token: string | undefined;
    do {
      const page = await list(`max-keys=2${token ? `&continuation-token=${token}` : ''}`);
      seen.push(...keysOf(page));
      token = /<NextContinuationToken>(.*?)</.exec(page)?.[1];
      expect(page).toContain(`<IsTruncated>${token !== undefined}</IsTruncated>`);
    } while (token);
    expect(seen).toEqual(['a b&amp;c', 'a/1', 'a/2', 'b', 'c']);
  });
});

describe('a multipart upload', () => {
  const MB = 1024 * 1024;
  const start = async () =>
    /<UploadId>(.*?)</.exec(await (await send('POST', '/assets/big?uploads')).text())?.[1] as string;
  const upload = async (id: string, partNumber: number, body: Buffer) =>
    (await send('PUT', `/assets/big?partNumber=${partNumber}&uploadId=${id}`, { body })).headers.get('etag') as string;
  const complete = (id: string, parts: [number, string][]) => {
    const listed = parts.map(([number, etag]) => `<Part><ETag>${etag}</ETag><PartNumber>${number}</PartNumber></Part>`);
    const body = `<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`;
    return send('POST', `/assets/big?uploadId=${id}`, { body });
  };

  test('becomes one object when it is completed, and not before', async () => {
    const id = await start();
    const [one, two] = [Buffer.alloc(5 * MB, 'a'), Buffer.from('end')];
    const second = await upload(id, 2, two);
    const first = await upload(id, 1, one);
    expect(started.aws.objects.get('assets', 'big')).toBeUndefined();
    const response = await complete(id, [
      [1, first],
      [2, second.replaceAll('"', '&quot;')],
    ]);
    const etag = `${md5(Buffer.from(md5(one), 'hex'), Buffer.from(md5(two), 'hex'))}-2`;
    expect(await response.text()).toContain(`<ETag>&quot;${etag}&quot;</ETag>`);
    expect(started.aws.objects.get('assets', 'big')?.equals(Buffer.concat([one, two]))).toBe(true);
    expect(await codeOf(await complete(id, [[1, first]]))).toBe('NoSuchUpload');
  });

  test('is refused with a part that is unknown, out of order, or too small', async () => {
    const id = await start();
    const etag = await upload(id, 1, Buffer.from('small'));
    const last = await upload(id, 2, Buffer.from('last'));
    const attempts: [[number, string][], string][] = [
      [[[1, '"0"']], 'InvalidPart'],
      [[[3, etag]], 'InvalidPart'],
      [
        [
          [2, last],
          [1, etag],
        ],
        'EntityTooSmall',
      ],
      [
        [
          [1, etag],
          [2, last],
        ],
        'EntityTooSmall',
      ],
      [[], 'MalformedXML'],
    ];
    for (const [parts, code] of attempts) expect(await codeOf(await complete(id, parts))).toBe(code);
  });

  test('of parts in the wrong order is refused', async () => {
    const id = await start();
    const big = Buffer.alloc(5 * MB);
    const [first, second] = [await upload(id, 1, big), await upload(id, 2, big)];
    const response = await complete(id, [
      [2, second],
      [1, first],
    ]);
    expect(await codeOf(response)).toBe('InvalidPartOrder');
  });

  test('is forgotten when it is aborted', async () => {
    const id = await start();
    expect((await send('DELETE', `/assets/big?uploadId=${id}`)).status).toBe(204);
    expect(await codeOf(await send('PUT', `/assets/big?partNumber=1&uploadId=${id}`, { body: 'x' }))).toBe(
      'NoSuchUpload',
    );
  });
});

describe('what local-aws does not do is refused by name', () => {
  test.each([
    ['GET', '/', 'ListBuckets'],
    ['GET', '/assets', 'ListObjects'],
    ['PUT', '/assets', 'CreateBucket'],
    ['GET', '/assets?versioning', 'GetBucketVersioning'],
    ['PUT', '/assets/a?tagging', 'PutObjectTagging'],
    ['POST', '/assets?delete', 'DeleteObjects'],
    ['GET', '/assets/a?uploadId=1', 'ListParts'],
  ])('%s %s', async (method, path, name) => {
    const response = await send(method, path);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(`<Message>local-aws does not support S3: ${name}.</Message>`);
  });

  test('a copy', async () => {
    const response = await send('PUT', '/assets/a', { headers: { 'x-amz-copy-source': '/assets/b' } });
    expect(await response.text()).toContain('S3: CopyObject.');
  });

  test('a condition that would otherwise be left out', async () => {
    const response = await send('PUT', '/assets/a', { body: 'x', headers: { 'if-none-match': '*' } });
    expect(await response.text()).toContain('local-aws does not support the header if-none-match of S3.');
    expect(started.aws.objects.get('assets', 'a')).toBeUndefined();
  });
});

describe('permissions', () => {
  const as = async (role: string, method: string, path: string, body?: string) => {
    const { accessKeyId } = started.client(role).credentials;
    const response = await send(method, path, { accessKeyId, ...(body === undefined ? {} : { body }) });
    return { status: response.status, text: await response.text() };
  };
  const below = 'arn:aws:s3:::assets/dev/*';

  test('objects by their keys', async () => {
    started.role('dev', { Effect: 'Allow', Action: ['s3:PutObject', 's3:GetObject'], Resource: below });
    expect((await as('dev', 'PUT', '/assets/dev/a', 'x')).status).toBe(200);
    expect((await as('dev', 'GET', '/assets/dev/a')).text).toBe('x');
    expect(await as('dev', 'PUT', '/assets/prod/a', 'x')).toMatchObject({
      status: 403,
      text: expect.stringMatching(/<Code>AccessDenied<\/Code>.*s3:PutObject on resource: arn:aws:s3:::assets\/prod\/a/),
    });
    expect((await as('dev', 'POST', '/assets/prod/a?uploads')).status).toBe(403);
    expect((await as('dev', 'DELETE', '/assets/dev/a')).status).toBe(403);
  });

  test('only who may list the bucket learns that an object is not there', async () => {
    started.role('dev', { Effect: 'Allow', Action: 's3:GetObject', Resource: below });
    started.role('lister', { Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: '*' });
    expect((await as('dev', 'GET', '/assets/dev/none')).status).toBe(403);
    expect((await as('lister', 'GET', '/assets/dev/none')).status).toBe(404);
  });

  test('listing by prefix', async () => {
    const Condition = { StringLike: { 's3:prefix': 'dev/*' } };
    started.role('dev', { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::assets', Condition });
    expect((await as('dev', 'GET', '/assets?list-type=2&prefix=dev/')).status).toBe(200);
    expect((await as('dev', 'GET', '/assets?list-type=2&prefix=prod/')).status).toBe(403);
    expect((await as('dev', 'GET', '/assets?list-type=2')).status).toBe(403);
  });
});
