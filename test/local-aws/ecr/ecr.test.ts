import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { digestOf, type ImageContent, packImage, unpackImage } from '../../../local-aws/ecr/image-archive.ts';
import { ImageStore } from '../../../local-aws/ecr/image-store.ts';
import { parseImageUri } from '../../../local-aws/ecr/image-uri.ts';
import { ecrService } from '../../../local-aws/ecr/service.ts';
import { account, region, type Started, startServices } from '../http/start-services.ts';

const host = `${account}.dkr.ecr.${region}.amazonaws.com`;
const uri = `${host}/assets:abc`;
const repositoryArn = `arn:aws:ecr:${region}:${account}:repository/assets`;

function image(main = 'console.log(1)'): ImageContent {
  return {
    config: {
      platform: 'linux/arm64',
      command: ['node', 'main.mjs'],
      entrypoint: [],
      environment: { NODE_ENV: 'production' },
      workingDirectory: '/app',
      user: '1000',
    },
    files: new Map([
      ['app/main.mjs', strToU8(main)],
      ['app/run', strToU8('#!/bin/sh')],
    ]),
    folders: ['app/cache'],
    executables: new Set(['app/run']),
  };
}

let started: Started;
beforeEach(async () => {
  started = await startServices(
    (aws) => {
      aws.images = new ImageStore(aws);
      aws.images.createRepository(region, 'assets');
    },
    [ecrService],
  );
});
afterEach(() => started.close());

const call = async (operation: string, input: object, accessKeyId = 'test') => {
  const headers = { 'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${operation}` };
  const response = await started.send({ service: 'ecr', headers, body: JSON.stringify(input), accessKeyId });
  // biome-ignore lint/suspicious/noExplicitAny: what comes back is what the test is about
  return (await response.json()) as any;
};
const logIn = async (accessKeyId?: string): Promise<string> => {
  const { authorizationData } = await call('GetAuthorizationToken', {}, accessKeyId);
  return authorizationData[0].authorizationToken;
};
const push = (target: string, login: string, body: Uint8Array = packImage(image())) =>
  fetch(`${started.endpoint}/_local-aws/images/${target}`, {
    method: 'PUT',
    headers: login === '' ? {} : { authorization: `Basic ${login}` },
    body: new Uint8Array(body),
  });

describe('an image URI', () => {
  test('has the form that CDK renders into templates', () => {
    expect(parseImageUri(uri)).toEqual({ account, region, repositoryName: 'assets', reference: 'abc', tag: 'abc' });
    expect(parseImageUri(`${host}/a/b`)).toMatchObject({ repositoryName: 'a/b', reference: 'latest' });
    const digest = `sha256:${'0'.repeat(64)}`;
    expect(parseImageUri(`${host}/assets@${digest}`)).toMatchObject({ reference: digest, tag: undefined });
  });

  test.each(['assets:abc', 'public.ecr.aws/docker/library/node:24', `${host}/`, `${host}/assets@sha256:0`])(
    '%s is none of ECR',
    (other) => {
      expect(parseImageUri(other)).toBeUndefined();
      expect(started.aws.images.resolveUri(other)).toBeUndefined();
    },
  );
});

describe('a pushed image', () => {
  test('is found by tag, by digest and by URI, with its files laid out as a root file system, for reading only', async () => {
    expect((await push(uri, await logIn())).status).toBe(201);
    const found = started.aws.images.resolveUri(uri);
    expect(found).toMatchObject({ ...image().config, digest: digestOf(image()) });
    expect(started.aws.images.resolveUri(`${host}/assets@${found?.digest}`)).toBe(found);
    expect(started.aws.images.find(region, 'assets', 'abc')).toBe(found);
    expect(started.aws.images.find('us-east-1', 'assets', 'abc')).toBeUndefined();
    const directory = found?.directory ?? '';
    expect(await readFile(join(directory, 'app/main.mjs'), 'utf8')).toBe('console.log(1)');
    const mode = async (path: string) => ((await stat(join(directory, path))).mode & 0o777).toString(8);
    expect([await mode('app/main.mjs'), await mode('app/run')]).toEqual(['444', '555']);
    expect((await stat(join(directory, 'app/cache'))).isDirectory()).toBe(true);
  });

  test('is described as ECR does', async () => {
    await push(uri, await logIn());
    const imageDigest = digestOf(image());
    expect(await call('DescribeImages', { repositoryName: 'assets', imageIds: [{ imageTag: 'abc' }] })).toEqual({
      imageDetails: [
        {
          registryId: account,
          repositoryName: 'assets',
          imageDigest,
          imageTags: ['abc'],
          imageSizeInBytes: 23,
          imagePushedAt: expect.any(Number),
        },
      ],
    });
    expect(await call('ListImages', { repositoryName: 'assets' })).toEqual({
      imageIds: [{ imageDigest, imageTag: 'abc' }],
    });
  });

  test('that is missing, or its repository, is told in the words of ECR', async () => {
    expect(await call('DescribeImages', { repositoryName: 'assets', imageIds: [{ imageTag: 'no' }] })).toEqual({
      __type: 'ImageNotFoundException',
      message: `The image with imageId {imageDigest:'null', imageTag:'no'} does not exist within the repository with name 'assets' in the registry with id '${account}'`,
    });
    expect(await call('DescribeImages', { repositoryName: 'no' })).toEqual({
      __type: 'RepositoryNotFoundException',
      message: `The repository with name 'no' does not exist in the registry with id '${account}'`,
    });
  });

  test('moves a tag, unless tags are immutable', async () => {
    started.aws.images.createRepository(region, 'fixed', { tagMutability: 'IMMUTABLE' });
    for (const main of ['one', 'two']) await started.aws.images.push(region, 'assets', 'abc', image(main));
    expect(started.aws.images.resolveUri(uri)?.digest).toBe(digestOf(image('two')));
    await started.aws.images.push(region, 'fixed', 'abc', image('one'));
    await started.aws.images.push(region, 'fixed', 'abc', image('one'));
    await expect(started.aws.images.push(region, 'fixed', 'abc', image('two'))).rejects.toMatchObject({
      code: 'ImageTagAlreadyExistsException',
    });
  });
});

describe('a push is refused', () => {
  test.each([
    ['without a login', ''],
    ['with a wrong password', Buffer.from('AWS:wrong').toString('base64')],
  ])('%s', async (_, login) => {
    expect((await push(uri, login)).status).toBe(401);
    expect(started.aws.images.resolveUri(uri)).toBeUndefined();
  });

  test('as another user', async () => {
    const [, password] = Buffer.from(await logIn(), 'base64')
      .toString()
      .split(':');
    expect((await push(uri, Buffer.from(`root:${password}`).toString('base64'))).status).toBe(401);
  });

  test('to another account or Region than the login is for', async () => {
    const login = await logIn();
    expect((await push(uri.replace(account, '444455556666'), login)).status).toBe(403);
    expect((await push(uri.replace(region, 'us-east-1'), login)).status).toBe(403);
  });

  test('to a repository that is not there', async () => {
    const response = await push(`${host}/no:abc`, await logIn());
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining("with name 'no'")]);
  });

  test('to one that the principal who logged in may not push to', async () => {
    started.role('login-only', { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' });
    started.role(
      'publisher',
      { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
      {
        Effect: 'Allow',
        Action: [
          'ecr:PutImage',
          'ecr:InitiateLayerUpload',
          'ecr:UploadLayerPart',
          'ecr:CompleteLayerUpload',
          'ecr:BatchCheckLayerAvailability',
        ],
        Resource: repositoryArn,
      },
    );
    const pushAs = async (role: string) => push(uri, await logIn(started.client(role).credentials.accessKeyId));
    expect((await pushAs('login-only')).status).toBe(403);
    expect((await pushAs('publisher')).status).toBe(201);
  });

  test.each([
    ['is no archive', strToU8('not a zip')],
    ['has no configuration', zipSync({ 'files/a': strToU8('x') })],
    ['reaches out of its folder', packImage({ ...image(), files: new Map([['../../evil', strToU8('x')]]) })],
  ])('when what arrives %s', async (_, archive) => {
    expect((await push(uri, await logIn(), archive)).status).toBe(400);
    expect(started.aws.faults).toEqual([]);
  });
});

describe('the archive', () => {
  test('brings everything of an image over', () => {
    expect(unpackImage(packImage(image()))).toEqual(image());
  });

  test('its digest is that of the content, in any order', () => {
    const { files, ...rest } = image();
    expect(digestOf({ ...rest, files: new Map([...files].reverse()) })).toBe(digestOf(image()));
    expect(digestOf({ ...image(), executables: new Set() })).not.toBe(digestOf(image()));
    expect(digestOf(image('other'))).not.toBe(digestOf(image()));
  });
});

test('a repository has the URI that templates name', async () => {
  expect(await call('DescribeRepositories', { repositoryNames: ['assets'] })).toMatchObject({
    repositories: [{ repositoryArn, repositoryUri: `${host}/assets`, imageTagMutability: 'MUTABLE' }],
  });
  expect(await call('DescribeRepositories', { repositoryNames: ['no'] })).toMatchObject({
    __type: 'RepositoryNotFoundException',
  });
});

test('calls are authorized on the ARN of the repository', async () => {
  started.role('reader', { Effect: 'Allow', Action: 'ecr:DescribeImages', Resource: repositoryArn });
  const { accessKeyId } = started.client('reader').credentials;
  expect(await call('DescribeImages', { repositoryName: 'assets' }, accessKeyId)).toEqual({ imageDetails: [] });
  expect(await call('ListImages', { repositoryName: 'assets' }, accessKeyId)).toMatchObject({
    __type: 'AccessDeniedException',
  });
  expect(await call('DescribeImages', { repositoryName: 'other' }, accessKeyId)).toMatchObject({
    __type: 'AccessDeniedException',
  });
});

test('what local-aws does not do is refused by name', async () => {
  expect(await call('BatchGetImage', {})).toMatchObject({ message: 'local-aws does not support ECR: BatchGetImage.' });
});
