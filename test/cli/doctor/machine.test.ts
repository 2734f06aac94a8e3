import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { artifactCheck } from '../../../cli/doctor/checks/artifact.ts';
import { neededVersion } from '../../../cli/doctor/checks/bootstrap.ts';
import { credentialsCheck, noSession } from '../../../cli/doctor/checks/credentials.ts';
import { nodeCheck } from '../../../cli/doctor/checks/node.ts';
import { regionCheck } from '../../../cli/doctor/checks/region.ts';
import { versionsCheck } from '../../../cli/doctor/checks/versions.ts';
import { openSession } from '../../../cli/doctor/session.ts';
import { dockerStandIn } from '../../../cli/start/environment.ts';
import { readEnvironments } from '../../../lib/environments/index.ts';
import { OutboundAuthStage } from '../../../lib/outbound-auth-stage.ts';
import { startHttpServer } from '../../agent/support/http-server.ts';
import { projectFolder } from '../../support/run.ts';
import { printed } from './patient.ts';
import { dockerRows, goodDockers, patience } from './rows/docker.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('Node.js', () => {
  test('of the project', () => {
    const program = join(projectFolder, 'node_modules/node/bin/node');
    expect(printed(nodeCheck({ version: '24.21.0', program }))).toBe('✓ node: Node.js 24.21.0, that of the project.');
  });

  test('of the machine', () => {
    expect(printed(nodeCheck({ version: '26.0.0', program: '/usr/bin/node' }))).toBe(
      '! node: Node.js 26.0.0 of /usr/bin/node, and not that of the project. → Use npm run and npx, which run the Node.js that npm ci has installed.',
    );
  });
});

describe('the packages', () => {
  const schema = 'node_modules/@aws-cdk/cloud-assembly-schema/schema/version.json';

  /** A project with three packages that are as package-lock.json says. */
  function project(name: string): string {
    const root = join(folder, name);
    const packages = { 'aws-cdk': '2.1148.1', 'aws-cdk-lib': '2.276.0', zod: '4.6.7' };
    for (const [each, version] of Object.entries(packages))
      write(root, `node_modules/${each}/package.json`, { version });
    write(root, schema, { revision: 55 });
    const entries = Object.entries(packages).map(([each, version]) => [`node_modules/${each}`, { version }]);
    const direct = {
      dependencies: { 'aws-cdk-lib': '2.276.0', zod: '^4' },
      devDependencies: { 'aws-cdk': '2.1148.1' },
    };
    write(root, 'package-lock.json', { packages: { '': direct, ...Object.fromEntries(entries) } });
    mkdirSync(join(root, 'node_modules/aws-cdk/lib'));
    command(root, 55);
    return root;
  }
  function write(root: string, file: string, content: object): void {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), JSON.stringify(content));
  }
  function command(root: string, revision: number): void {
    const bundle = `"../@aws-cdk/cloud-assembly-schema/schema/version.json"(exports2, module2) {\n revision: ${revision}\n}`;
    writeFileSync(join(root, 'node_modules/aws-cdk/lib/index.js'), bundle);
  }

  test('of this project fit, by what is in them', async () => {
    const { version } = JSON.parse(readFileSync(join(projectFolder, 'node_modules/aws-cdk/package.json'), 'utf8'));
    const { revision } = JSON.parse(readFileSync(join(projectFolder, schema), 'utf8'));
    expect(printed(await versionsCheck())).toBe(
      `✓ versions: aws-cdk ${version} and aws-cdk-lib 2.276.0, as in package-lock.json; the command reads version ${revision} of the cloud assembly.`,
    );
  });

  test('are missing, or others than in package-lock.json', async () => {
    const root = project('strays');
    rmSync(join(root, 'node_modules/zod'), { recursive: true });
    write(root, 'node_modules/aws-cdk/package.json', { version: '3.0.0' });
    expect(printed(await versionsCheck(root))).toBe(
      '✗ versions: Installed is not what package-lock.json says: zod is missing (4.6.7), aws-cdk 3.0.0 (2.1148.1). → Run npm ci.',
    );
  });

  test('do not fit: a command that cannot read what the library writes', async () => {
    const root = project('old');
    command(root, 43);
    expect(printed(await versionsCheck(root))).toBe(
      '✗ versions: aws-cdk 2.1148.1 and aws-cdk-lib 2.276.0: the command reads version 43 of the cloud assembly, the library writes 55. → Put both back to the versions of the repository, and run npm ci.',
    );
  });

  test('are built in a way that does not tell', async () => {
    const root = project('other');
    writeFileSync(join(root, 'node_modules/aws-cdk/lib/index.js'), 'minified');
    expect(printed(await versionsCheck(root))).toMatch(
      /^! versions: .*which version of the cloud assembly they speak cannot be told\. → /,
    );
  });
});

describe('what builds the image', () => {
  const container = { artifact: 'container' } as const;

  test.each([...goodDockers, ...dockerRows])('%s', async (_what, script, line) => {
    const file = join(mkdtempSync(join(folder, 'bin-')), 'docker');
    if (script !== undefined) writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const found = printed(await artifactCheck(container, file, patience));
    expect(found.replaceAll(file, 'docker')).toBe(line);
  });

  test('is not asked for a zip of the code', async () => {
    expect(printed(await artifactCheck({ artifact: 'code' }, 'no-such-docker'))).toBe(
      '✓ artifact: A zip of the code, for which neither Docker nor anything else is needed.',
    );
  });

  test('is, on local-aws, what says that it is a stand-in', async () => {
    expect(printed(await artifactCheck(container, dockerStandIn))).toContain('(the stand-in of local-aws)');
  });
});

test('the version of the bootstrap that is asked for is the one that the stacks ask for', () => {
  const app = new App({ outdir: join(folder, 'cdk.out') });
  const [environment] = readEnvironments({ dev: { secret: 'team/openai' } });
  if (!environment) throw new Error('no environment');
  const { stacks } = new OutboundAuthStage(app, environment).synth({ validateOnSynthesis: false });
  expect(stacks.map(({ requiresBootstrapStackVersion }) => requiresBootstrapStackVersion)).toEqual([
    neededVersion,
    neededVersion,
  ]);
});

describe('what the SDK says of credentials', () => {
  test.each([
    ['CredentialsProviderError', 'Could not load credentials from any providers', 'There are no AWS credentials'],
    [
      'CredentialsProviderError',
      'The SSO session associated with this profile has expired.',
      'The AWS credentials have expired',
    ],
    ['ExpiredToken', 'The security token included in the request is expired', 'The AWS credentials have expired'],
  ])('%s: %s', (name, message, found) => {
    expect(printed(noSession(Object.assign(new Error(message), { name }), 'us-east-1', 'prod'))).toBe(
      `✗ credentials: ${found} (AWS_PROFILE is "prod"). What is in the account was not looked at. → Log in (aws sso login, AWS_PROFILE, …) and try again.`,
    );
  });

  test('a clock that is wrong is seen by the time of the answer', async () => {
    const sts = await startHttpServer((_request, response) => {
      const date = new Date(Date.now() + 12 * 60_000).toUTCString();
      response.writeHead(200, { 'content-type': 'text/xml', date });
      response.end(
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/me</Arn><UserId>A</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
      );
    });
    const client = { endpoint: sts.url, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
    const session = await openSession(client, 'us-east-1').finally(() => sts.close());
    expect(credentialsCheck(session).map(printed)).toEqual([
      '✓ credentials: They are those of arn:aws:iam::111122223333:user/me.',
      '! credentials: The clock of this machine is 12 minutes behind that of AWS, which refuses a difference of more than five. → Set the clock: other programs do not correct it as this one does.',
    ]);
    expect(credentialsCheck({ ...session, clockOffset: -600_000 })[1]?.found).toMatch(/ is 10 minutes ahead of /);
  });
});

test('a Region that nobody names', () => {
  const [environment] = readEnvironments({ dev: { secret: 'team/openai' } });
  if (!environment) throw new Error('no environment');
  expect(printed(regionCheck(environment, undefined))).toBe(
    '✗ region: There is none: neither the environment dev nor this machine names one. What is in the account was not looked at. → Set "region" of the environment, or AWS_REGION.',
  );
  expect(printed(regionCheck(environment, 'eu-west-1'))).toBe(
    '✓ region: eu-west-1: the environment dev names none, so it is that of this machine.',
  );
});
