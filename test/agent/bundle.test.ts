import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { IgnoreStrategy } from 'aws-cdk-lib';
import { bundleAgent } from '../../agent/bundle.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const project = join(import.meta.dirname, '../..');
const agentFolder = join(project, 'agent');
const folder = temporaryFolder();
const bundle = join(folder.path, 'bundle');

beforeAll(() => bundleAgent(bundle));
afterAll(() => folder.remove());

function filesOf(path: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(path, name)).isFile())
      .sort()
      .map((name) => [name, readFileSync(join(path, name), 'utf8')]),
  );
}

/** Short enough for a readable difference. */
function digestsOf(path: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filesOf(path)).map(([name, content]) => [name, createHash('sha256').update(content).digest('hex')]),
  );
}

describe('the bundle of the agent', () => {
  test('is main.mjs and chunks named by their content, and no more than 2 MB', () => {
    const files = filesOf(bundle);
    expect(Object.keys(files)).toContain('main.mjs');
    for (const name of Object.keys(files)) expect(name).toMatch(/^(main|chunks\/[\w-]+-[A-Z0-9]{8})\.mjs$/);
    const size = Object.values(files).reduce((sum, content) => sum + Buffer.byteLength(content), 0);
    expect(size).toBeLessThanOrEqual(2_000_000);
  });

  test('has a small entry: what answers pings, and nothing of the rest', () => {
    const files = filesOf(bundle);
    const loaded = new Set<string>();
    const load = (name: string) => {
      if (loaded.has(name)) return;
      loaded.add(name);
      for (const [, chunk] of files[name]?.matchAll(/\bfrom"\.\/(?:chunks\/)?([^"]+)"/g) ?? []) load(`chunks/${chunk}`);
    };
    load('main.mjs');
    const size = [...loaded].reduce((sum, name) => sum + (files[name]?.length ?? Number.NaN), 0);
    expect(size).toBeLessThan(20_000);
  });

  test('is the same from another folder, byte for byte', () => {
    const copy = join(folder.path, 'another', 'checkout');
    mkdirSync(copy, { recursive: true });
    const withoutModules = (source: string) => !source.includes('node_modules');
    cpSync(agentFolder, join(copy, 'agent'), { recursive: true, filter: withoutModules });
    cpSync(join(project, 'package.json'), join(copy, 'package.json'));
    for (const name of ['node_modules', 'agent/node_modules']) symlinkSync(join(project, name), join(copy, name));
    const elsewhere = join(folder.path, 'elsewhere');
    execFileSync(process.execPath, [join(copy, 'agent/bundle.ts'), elsewhere]);
    expect(digestsOf(elsewhere)).toEqual(digestsOf(bundle));
  });

  test('names no folder of this machine', () => {
    for (const content of Object.values(filesOf(bundle))) {
      expect(content).not.toContain(project);
      expect(content).not.toContain(folder.path);
    }
  });

  test('replaces a bundle that is there', () => {
    const before = digestsOf(bundle);
    mkdirSync(join(bundle, 'chunks'), { recursive: true });
    cpSync(join(bundle, 'main.mjs'), join(bundle, 'chunks/stale-AAAAAAAA.mjs'));
    bundleAgent(bundle);
    expect(digestsOf(bundle)).toEqual(before);
  });
});

describe('a docker build of the folder by hand', () => {
  const ignore = IgnoreStrategy.docker(
    agentFolder,
    readFileSync(join(agentFolder, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')),
  );

  test.each(['bundle/main.mjs', 'bundle/chunks/app-ABCDEFGH.mjs'])('takes %s', (path) => {
    expect(ignore.ignores(join(agentFolder, path))).toBe(false);
  });

  test.each([
    'node_modules/openai/index.js',
    'src/main.ts',
    'package.json',
    'bundle.ts',
    '.env',
    'src/bundle/main.mjs',
  ])('leaves %s', (path) => {
    expect(ignore.ignores(join(agentFolder, path))).toBe(true);
  });
});

describe('the Dockerfile', () => {
  const instructions = readFileSync(join(agentFolder, 'Dockerfile'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  test('copies the bundle and runs nothing, so that any machine can build it for arm64', () => {
    expect(instructions.map((line) => line.split(' ')[0])).toEqual([
      'FROM',
      'ENV',
      'WORKDIR',
      'COPY',
      'USER',
      'EXPOSE',
      'CMD',
    ]);
  });

  test('makes code that its user can read and nobody can write, whatever the umask of the machine that builds it', () => {
    expect(instructions).toContain('COPY --chown=0:0 --chmod=0555 bundle/ ./');
  });

  test('starts from a version of Node.js that is pinned, the one that the project uses', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
    expect(instructions[0]).toBe(`FROM public.ecr.aws/docker/library/node:${devDependencies.node}-slim`);
  });

  test('has a numeric user and an exec form of CMD, as AgentCore Runtime wants', () => {
    expect(instructions).toContain('USER 1000');
    expect(instructions.at(-1)).toBe('CMD ["node", "--max-semi-space-size=1", "main.mjs"]');
  });
});
