import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectFolder, runNode } from '../support/run.ts';

jest.setTimeout(60_000);

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outbound-auth-synth-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const synth = (cwd: string, ...args: string[]) =>
  runNode(
    [
      join(projectFolder, 'node_modules/aws-cdk/bin/cdk'),
      'synth',
      '--quiet',
      '--no-notices',
      '--output',
      join(folder, 'cdk.out'),
      ...args,
    ],
    {
      cwd,
      env: { PATH: `${join(projectFolder, 'node_modules/.bin')}:${process.env.PATH}`, HOME: folder },
    },
  );

/** Copies what git would check out; the dependencies are linked. */
function checkOut(to: string): void {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: projectFolder,
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(projectFolder, file), join(to, file));
  }
  for (const dependencies of ['node_modules', 'agent/node_modules'].filter((name) =>
    existsSync(join(projectFolder, name)),
  )) {
    symlinkSync(join(projectFolder, dependencies), join(to, dependencies));
  }
}

/** Every file below a folder, with the hash of its content. */
function hashes(of: string): Record<string, string> {
  const files = readdirSync(of, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((file) => {
      const path = join(file.parentPath, file.name);
      return [path.slice(of.length), createHash('sha256').update(readFileSync(path)).digest('hex')];
    }),
  );
}

describe('cdk synth', () => {
  test('gives the same bytes in two checkouts, in folders of other names and depths', async () => {
    const outputs = [];
    for (const name of ['one', 'another/further/down']) {
      const checkout = join(folder, name);
      mkdirSync(checkout, { recursive: true });
      checkOut(checkout);
      expect(await synth(checkout)).toMatchObject({ status: 0 });
      outputs.push(hashes(join(folder, 'cdk.out')));
      rmSync(join(folder, 'cdk.out'), { recursive: true });
    }
    expect(Object.keys(outputs[0] ?? {})).toEqual(
      expect.arrayContaining([expect.stringMatching(/asset\.[0-9a-f]{64}\/bundle\/main\.mjs$/)]),
    );
    expect(outputs[1]).toEqual(outputs[0]);
  });

  test('needs no AWS account and no credentials', async () => {
    expect(await synth(projectFolder)).toMatchObject({ status: 0 });
  });

  test.each<[string, string]>([
    ['{"dev": {"secert": "x", "secret": "y"}}', 'environments.dev.secert: no such setting (did you mean secret?)'],
    [
      '{"dev": {"secret": "x", "runtimeName": "my-agent"}}',
      'environments.dev.runtimeName: "my-agent" must start with a letter',
    ],
  ])('of %s fails with one line of ours and no stack trace', async (environments, line) => {
    const { status, stdout, stderr } = await synth(projectFolder, '--context', `environments=${environments}`);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(line);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
