import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { checkOut } from '../support/check-out.ts';
import { projectFolder, runNode } from '../support/run.ts';

jest.setTimeout(60_000);

const context = JSON.stringify({ environments: { dev: { secret: 'team/openai' } } });

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outbound-auth-synth-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const synth = (cwd: string, args: string[] = [], validation = 'false') =>
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
      env: {
        PATH: `${join(projectFolder, 'node_modules/.bin')}:${process.env.PATH}`,
        HOME: folder,
        CDK_VALIDATION: validation,
      },
    },
  );

/** Every file below a folder, with the hash of its content. */
function hashes(of: string): Record<string, string> {
  const files = readdirSync(of, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    // CDK writes it, with its times, when a synth was slow; it is not deployed.
    .filter(({ name }) => name !== 'performance-counters.json');
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

  test('needs no AWS account and no credentials, and CDK finds the templates valid', async () => {
    expect(await synth(projectFolder, [], 'true')).toMatchObject({ status: 0 });
  });

  test('reads the file that an environment is in', async () => {
    const environments = JSON.stringify({ staging: 'examples/environments/staging.json' });
    expect(await synth(projectFolder, ['--context', `environments=${environments}`])).toMatchObject({ status: 0 });
    const assembly = join(folder, 'cdk.out/assembly-staging');
    const file = readdirSync(assembly).find((name) => /^stagingagent.*\.template\.json$/.test(name)) ?? '';
    const template = readFileSync(join(assembly, file), 'utf8');
    expect(template).toContain('cdk-outbauth-');
  });

  test.each([[], ['dev/agent']])(
    'fails for a weakening of any stack, whichever is asked for: %s',
    async (...stacks) => {
      const { status, stderr } = await synth(projectFolder, [...stacks, '--app', 'node test/support/weakened-app.ts']);
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /ERROR AwsSolutions-IAM5: The IAM entity contains wildcard permissions: Resource::\* .*\n +dev\/identity\//,
      );
      expect(stderr).not.toMatch(/^\s+at |node:internal/m);
    },
  );

  test('leaves nothing in the temporary folder, not even when it is ended in the middle', async () => {
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    // One that has no bundle from a synth of before.
    const checkout = join(folder, 'checkout');
    checkOut(checkout);
    const app = spawn(process.execPath, ['bin/outbound-auth.ts'], {
      cwd: checkout,
      env: {
        PATH: process.env.PATH,
        TMPDIR: temporary,
        CDK_OUTDIR: join(folder, 'cdk.out'),
        CDK_CONTEXT_JSON: context,
      },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => app.once('exit', (...how) => resolve(how)));
    while (app.exitCode === null && !readdirSync(temporary).some((name) => name.startsWith('agent-image-'))) {
      await setTimeout(10);
    }
    app.kill('SIGTERM');
    expect(await ended).toEqual([143, null]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test.each<[string, string]>([
    ['{"dev": {"secert": "x", "secret": "y"}}', 'environments.dev.secert: no such setting (did you mean secret?)'],
    [
      '{"dev": {"secret": "x", "runtimeName": "my-agent"}}',
      'environments.dev.runtimeName: "my-agent" must start with a letter',
    ],
    ['{"dev": "examples/dev.json"}', 'environments.dev: "examples/dev.json" is no file beside cdk.json'],
  ])('of %s fails with one line of ours and no stack trace', async (environments, line) => {
    const { status, stdout, stderr } = await synth(projectFolder, ['--context', `environments=${environments}`]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(line);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
