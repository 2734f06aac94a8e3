import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { runCommand } from '../../../local-aws/docker/commands.ts';
import { Refusal } from '../../../local-aws/docker/refusal.ts';
import { ImageStore } from '../../../local-aws/ecr/image-store.ts';
import { ecrService } from '../../../local-aws/ecr/service.ts';
import { account, region, type Started, startServices } from '../http/start-services.ts';

const program = resolve(import.meta.dirname, '../../../local-aws/docker/docker.ts');
const host = `${account}.dkr.ecr.${region}.amazonaws.com`;
const uri = `${host}/assets:abc`;

let folder: string;
let state: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docker-test-'));
  state = join(folder, 'state');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Options = { cwd?: string; input?: string; env?: NodeJS.ProcessEnv };

/** One call of the stand-in, as `docker.ts` makes it. */
async function docker(words: string[], { cwd = folder, input = '', env = {} }: Options = {}) {
  const lines: string[] = [];
  const answer = (status: number, stderr: string) => ({ status, stdout: lines.join(''), stderr });
  try {
    await runCommand(words, {
      environment: { LOCAL_AWS_DOCKER_STATE: state, ...env },
      workingDirectory: cwd,
      readInput: async () => input,
      print: (line) => lines.push(`${line}\n`),
    });
    return answer(0, '');
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return answer(1, `${error.message}\n`);
  }
}

/** The same as a program of its own, which is how the cdk command runs it. */
async function spawnDocker(words: string[], { cwd = folder, input = '', env = {} }: Options = {}) {
  const environment = { PATH: process.env.PATH, LOCAL_AWS_DOCKER_STATE: state, ...env };
  const child = spawn(process.execPath, [program, ...words], { cwd, env: environment });
  child.stdin.end(input);
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status, stdout, stderr };
}

async function context(files: Record<string, string>): Promise<string> {
  const root = join(folder, 'context');
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

const dockerfile = ['FROM node:24', 'WORKDIR /app', 'COPY bundle/ ./', 'USER 1000', 'CMD ["node", "main.mjs"]'].join(
  '\n',
);
const build = (cwd: string, ...more: string[]) =>
  docker(['build', '--tag', 'cdkasset-abc', '--platform', 'linux/arm64', ...more, '.'], { cwd });
/** Where the only image of the state lies. */
const layout = async () => {
  const [image = ''] = await readdir(join(state, 'images'));
  return join(state, 'images', image, 'files');
};

describe('the program', () => {
  test('can be named in CDK_DOCKER', async () => {
    expect((await stat(program)).mode & 0o111).toBe(0o111);
    expect((await readFile(program, 'utf8')).split('\n')[0]).toBe('#!/usr/bin/env node');
  });

  test('ends with 0, or with 1 and one line on its standard error', async () => {
    const cwd = await context({ Dockerfile: dockerfile, 'bundle/main.mjs': 'main' });
    expect(await spawnDocker(['build', '--tag', 'a', '.'], { cwd })).toMatchObject({ status: 0, stderr: '' });
    expect(await spawnDocker(['inspect', 'b'])).toEqual({ status: 1, stdout: '', stderr: 'No such image: b\n' });
  });

  test('says to those who ask for its version that it is a stand-in', async () => {
    const { status, stdout } = await docker(['version', '--format', '{{json .}}']);
    expect([status, JSON.parse(stdout).Server]).toEqual([0, { Version: '(the stand-in of local-aws)', Os: 'linux' }]);
    expect(await docker(['version'])).toMatchObject({ status: 1, stderr: expect.stringContaining('{{json .}}') });
  });

  test('reads a password from its standard input', async () => {
    const input = 'a password\n';
    const words = ['login', '--username', 'AWS', '--password-stdin', host];
    const { status, stderr } = await spawnDocker(words, { input, env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' } });
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'local-aws does not answer at http://127.0.0.1:9.\n' });
  });
});

describe('build', () => {
  test('lays out what the Dockerfile copies, and says plainly that no image was built', async () => {
    const root = await context({ Dockerfile: dockerfile, 'bundle/main.mjs': 'main', 'bundle/sub/part.mjs': 'part' });
    await chmod(join(root, 'bundle/main.mjs'), 0o755);
    const { status, stdout } = await build(root);
    expect(status).toBe(0);
    expect(stdout).toContain('No image was built: this is the stand-in for docker of local-aws.');
    expect(stdout).toContain('The base image node:24 was not fetched');
    expect(await readFile(join(await layout(), 'app/sub/part.mjs'), 'utf8')).toBe('part');
    expect((await stat(join(await layout(), 'app/main.mjs'))).mode & 0o111).not.toBe(0);
    const inspected = JSON.parse((await docker(['inspect', 'cdkasset-abc'])).stdout);
    expect(inspected).toMatchObject([
      { Os: 'linux', Architecture: 'arm64', Config: { Cmd: ['node', 'main.mjs'], User: '1000', WorkingDir: '/app' } },
    ]);
  });

  test('copies as docker does', async () => {
    const root = await context({
      Dockerfile: [
        'FROM a',
        'WORKDIR /app',
        'COPY one.txt renamed.txt',
        'COPY one.txt .',
        'COPY one.txt /app',
        'COPY *.json ./json/',
        'COPY tree /tree',
        'COPY --chmod=755 one.txt /bin/one',
        'COPY . /all',
        'CMD ["x"]',
      ].join('\n'),
      '.dockerignore': 'ignored\nDockerfile',
      'one.txt': '1',
      'a.json': 'a',
      'b.json': 'b',
      'tree/leaf': 'leaf',
      'ignored/file': 'x',
    });
    expect((await build(root)).status).toBe(0);
    const entries = await readdir(await layout(), { recursive: true, withFileTypes: true });
    const base = await layout();
    expect(
      entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(base.length))
        .sort(),
    ).toEqual([
      '/all/.dockerignore',
      '/all/a.json',
      '/all/b.json',
      '/all/one.txt',
      '/all/tree/leaf',
      '/app/json/a.json',
      '/app/json/b.json',
      '/app/one.txt',
      '/app/renamed.txt',
      '/bin/one',
      '/tree/leaf',
    ]);
    expect((await stat(join(base, 'bin/one'))).mode & 0o111).toBe(0o111);
  });

  test('takes the Dockerfile that --file names, and its own ignore file', async () => {
    const root = await context({
      'docker/Agent': dockerfile,
      'docker/Agent.dockerignore': '**/*.map',
      'bundle/main.mjs': 'x',
      'bundle/main.mjs.map': 'x',
    });
    expect((await build(root, '--file', 'docker/Agent')).status).toBe(0);
    expect(await readdir(join(await layout(), 'app'))).toEqual(['main.mjs']);
  });

  test.each([
    ['a RUN step', { Dockerfile: 'FROM a\nRUN x\nCMD ["x"]' }, [], 'RUN (line 2) needs the real docker'],
    [
      'a secret',
      { Dockerfile: dockerfile, 'bundle/a': '' },
      ['--secret', 'id=a,src=b'],
      'docker build --secret needs the real docker',
    ],
    [
      'a target',
      { Dockerfile: dockerfile, 'bundle/a': '' },
      ['--target', 'x'],
      'docker build --target needs the real docker',
    ],
    ['no such file', { Dockerfile: dockerfile }, [], '"bundle/" is not in the build context'],
    ['no Dockerfile', { other: '' }, [], 'There is no Dockerfile at'],
  ])('refuses %s with one line and status 1, and leaves nothing', async (_, files, more, message) => {
    const { status, stderr } = await build(await context(files as Record<string, string>), ...more);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect((await docker(['inspect', 'cdkasset-abc'])).status).toBe(1);
  });

  test('refuses symbolic links, which would lead somewhere else here', async () => {
    const root = await context({ Dockerfile: dockerfile, 'bundle/main.mjs': 'x' });
    await symlink('/etc/passwd', join(root, 'bundle/link'));
    const { status, stderr } = await build(root);
    expect([status, stderr]).toEqual([1, expect.stringContaining('"bundle/link"')]);
  });
});

describe('the other commands', () => {
  test('inspect of an image that is not there ends with 1, which cdk takes for "not built yet"', async () => {
    expect(await docker(['inspect', 'cdkasset-none'])).toMatchObject({
      status: 1,
      stderr: 'No such image: cdkasset-none\n',
    });
  });

  test('tag needs an image', async () => {
    expect(await docker(['tag', 'none', uri])).toMatchObject({ status: 1, stderr: 'No such image: none\n' });
  });

  test.each([[['run', 'x']], [['images']], [['buildx', 'build']], [[]]])(
    'docker %j is refused by name',
    async (words) => {
      expect(await docker(words)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining(`docker ${words[0] ?? ''} needs the real docker`),
      });
    },
  );

  test('a state folder that others can read is refused', async () => {
    await mkdir(state, { mode: 0o755 });
    await chmod(state, 0o755);
    expect(await docker(['inspect', 'x'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('must be a folder that only you can read'),
    });
  });
});

describe('login and push', () => {
  let started: Started;
  let env: NodeJS.ProcessEnv;
  beforeEach(async () => {
    started = await startServices(
      (aws) => {
        aws.images = new ImageStore(aws);
        aws.images.createRepository(region, 'assets');
      },
      [ecrService],
    );
    env = { AWS_ENDPOINT_URL: started.endpoint };
    await build(await context({ Dockerfile: dockerfile, 'bundle/main.mjs': 'main' }));
    await docker(['tag', 'cdkasset-abc', uri]);
  });
  afterEach(() => started.close());

  const password = () => started.aws.images.issueLogin(started.aws.iam.administrator, region).password;
  const logIn = (input: string, more: NodeJS.ProcessEnv = {}) =>
    docker(['login', '--username', 'AWS', '--password-stdin', host], { input, env: { ...env, ...more } });
  const push = () => docker(['push', uri], { env });

  test('the image arrives as it was laid out', async () => {
    expect(await logIn(password())).toMatchObject({ status: 0, stdout: 'Login Succeeded\n' });
    const pushed = await push();
    expect(pushed.status).toBe(0);
    const image = started.aws.images.resolveUri(uri);
    expect(pushed.stdout).toBe(`Pushed to local-aws: ${uri} ${image?.digest}\n`);
    expect(image).toMatchObject({ platform: 'linux/arm64', command: ['node', 'main.mjs'], workingDirectory: '/app' });
    expect(await readFile(join(image?.directory ?? '', 'app/main.mjs'), 'utf8')).toBe('main');
  });

  test('the password is kept where only its user can read it, and is not printed', async () => {
    const secret = password();
    const { stdout, stderr } = await logIn(secret);
    expect(stdout + stderr).not.toContain(secret);
    const [file = ''] = await readdir(join(state, 'logins'));
    expect((await stat(join(state, 'logins', file))).mode & 0o777).toBe(0o600);
    expect((await stat(state)).mode & 0o777).toBe(0o700);
  });

  test('without a login nothing is pushed', async () => {
    expect(await push()).toMatchObject({ status: 1, stderr: `no basic auth credentials: log in to ${host} first.\n` });
    expect(started.aws.images.resolveUri(uri)).toBeUndefined();
  });

  test('a wrong password is no login', async () => {
    expect(await logIn('wrong')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`login attempt to ${host} failed with status 401`),
    });
    expect((await push()).status).toBe(1);
  });

  test('what local-aws refuses is said', async () => {
    await logIn(password());
    await docker(['tag', 'cdkasset-abc', `${host}/no:abc`]);
    const { status, stderr } = await docker(['push', `${host}/no:abc`], { env });
    expect([status, stderr]).toEqual([1, expect.stringContaining("The repository with name 'no' does not exist")]);
  });

  test.each([
    ['is missing', '', 'AWS_ENDPOINT_URL is not set'],
    ['is another machine', 'https://ecr.eu-central-1.amazonaws.com', 'is not on this machine'],
    ['does not answer', 'http://127.0.0.1:9', 'local-aws does not answer at http://127.0.0.1:9.'],
  ])('an endpoint that %s gets no password', async (_, endpoint, message) => {
    expect(await logIn(password(), { AWS_ENDPOINT_URL: endpoint })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(message),
    });
  });
});
