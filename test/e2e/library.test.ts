import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, projectFolder, runNode } from '../support/run.ts';

jest.setTimeout(120_000);

/** An app of somebody else, which has the package as npm packs it, and what a person installs beside it. */
let app: string;
let folder: string;

const example =
  /## An app\n\n```ts\n(.*?)```/s.exec(readFileSync(join(projectFolder, 'docs/construct.md'), 'utf8'))?.[1] ?? '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'outbound-auth-library-'));
  const dist = join(folder, 'dist');
  expect(await runNode(['library/build.ts', dist])).toMatchObject({ status: 0, output: '' });
  const npm = { cwd: folder, stdio: 'pipe', encoding: 'utf8' } as const;
  const archive = execFileSync('npm', ['pack', '--offline', './dist'], npm).trim();
  app = join(folder, 'app');
  const installed = join(app, 'node_modules/agentcore-outbound-auth');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, archive), '-C', installed, '--strip-components', '1']);
  mkdirSync(join(app, 'node_modules/@types'));
  for (const name of ['aws-cdk-lib', 'constructs', '@types/node']) {
    symlinkSync(join(projectFolder, 'node_modules', name), join(app, 'node_modules', name));
  }
  writeFileSync(join(app, 'package.json'), '{"type": "module"}');
  writeFileSync(join(app, 'app.ts'), example);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function typeCheck(file: string): Promise<Ended> {
  const options = '--noEmit --strict --skipLibCheck --module nodenext --target es2022 --types node'.split(' ');
  return runNode([join(projectFolder, 'node_modules/typescript/bin/tsc'), ...options, file], { cwd: app });
}

describe('the constructs as an npm package', () => {
  test('have the example of docs/construct.md, of some 25 lines, pass the type check', async () => {
    expect(example.trim().split('\n').length).toBeLessThanOrEqual(27);
    expect(await typeCheck('app.ts')).toMatchObject({ status: 0, output: '' });
  });

  test('bring their types along: what is misspelt does not pass', async () => {
    writeFileSync(join(app, 'wrong.ts'), example.replace('source:', 'sauce:'));
    expect((await typeCheck('wrong.ts')).output).toContain(
      "'sauce' does not exist in type 'ApiKeyCredentialProviderProps'",
    );
  });

  test('synthesize the example, with the handler that this project deploys', async () => {
    const out = join(app, 'cdk.out');
    expect(await runNode(['app.ts'], { cwd: app, env: { ...process.env, CDK_OUTDIR: out } })).toMatchObject({
      status: 0,
    });
    const template = readFileSync(join(out, 'identity.template.json'), 'utf8');
    expect(template).toContain('Custom::ApiKeyCredentialProvider');
    expect(readFileSync(join(out, 'agent.template.json'), 'utf8')).toContain('Custom::CredentialProviderInUse');
    const [asset = ''] = readdirSync(out).filter((name) => name.startsWith('asset.'));
    expect(readdirSync(join(out, asset))).toEqual(['index.js']);
    expect(statSync(join(out, asset, 'index.js')).size).toBeGreaterThan(100_000);
  });

  test('can be required from CommonJS', async () => {
    writeFileSync(
      join(app, 'app.cjs'),
      "console.log(typeof require('agentcore-outbound-auth').ApiKeyCredentialProvider);",
    );
    expect(await runNode(['app.cjs'], { cwd: app })).toMatchObject({ status: 0, stdout: 'function\n' });
  });

  test('need nothing but the CDK', () => {
    const {
      dependencies,
      peerDependencies,
      private: isPrivate,
    } = JSON.parse(readFileSync(join(app, 'node_modules/agentcore-outbound-auth/package.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect({ dependencies, isPrivate }).toEqual({});
    expect(Object.keys(peerDependencies as object)).toEqual(['aws-cdk-lib', 'constructs']);
  });
});
