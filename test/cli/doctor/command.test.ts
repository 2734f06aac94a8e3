import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cdkEnvironment } from '../../../cli/start/environment.ts';
import { runNode } from '../../support/run.ts';
import { admit, type Patient, region, secretName } from './patient.ts';

// Each test starts a program or two, on a machine that may be busy.
jest.setTimeout(60_000);

let patient: Patient;
let home: string;

beforeAll(async () => {
  patient = await admit();
  home = await mkdtemp(join(tmpdir(), 'doctor-home-'));
});
afterAll(async () => {
  await patient.aws.close();
  await rm(home, { recursive: true });
});

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
function doctor(args: string[], env: Record<string, string | undefined> = {}) {
  const local = cdkEnvironment({ endpoint: patient.aws.endpoint, region, credentials }, home);
  return runNode(['cli/main.js', 'doctor', ...args], { env: { ...local, ...env } });
}
const nowhere = { AWS_ENDPOINT_URL: undefined };
const noCredentials = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_EC2_METADATA_DISABLED: 'true',
};

test('prints a line for each thing that was looked at, with status 0 when nothing stands in the way', async () => {
  const { status, stdout, stderr } = await doctor(['--environment', 'dev']);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).not.toContain('\u001b');
  const lines = stdout.split('\n');
  expect(lines.map((line) => line.slice(0, 17)).filter((start) => start.trim() !== '')).toEqual(
    // biome-ignore format: one column
    ['✓ node           ', '✓ versions       ', '✓ credentials    ', '✓ account        ', '✓ region         ',
     '✓ bootstrap      ', '✓ agentcore      ', '✓ artifact       ', '✓ secret         ', '✓ provider-quota ',
     '✓ provider-name  ', '✓ runtime-name   ', '✓ callers        ', '✓ network        '],
  );
  expect(lines).toContain(`✓ secret         ${secretName} holds what looks like a key under "apiKey".`);
});

test('says what to do on a line of its own, with status 1; --json says the same to machines', async () => {
  const other = {
    CDK_DOCKER: 'no-such-docker',
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: 'http://agentcore.invalid',
  };
  const { status, stdout } = await doctor(['--environment', 'dev'], other);
  expect(status).toBe(1);
  expect(stdout).toContain(
    '✗ agentcore      us-east-1 has no AgentCore: agentcore.invalid has no address.\n                 Choose another "region" for the environment.\n',
  );
  expect(stdout).toContain(
    '✗ artifact       There is no no-such-docker on this machine to build the image with.\n                 Install Docker, or podman with CDK_DOCKER=podman; or set "artifact": "code" for the environment, which needs none.\n',
  );
  const json = await doctor(['--environment', 'dev', '--json'], other);
  expect([json.status, json.stderr]).toEqual([1, '']);
  const findings = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { check: string; verdict: string });
  expect(findings.filter(({ verdict }) => verdict === 'problem')).toEqual([
    {
      check: 'agentcore',
      verdict: 'problem',
      found: 'us-east-1 has no AgentCore: agentcore.invalid has no address.',
      remedy: 'Choose another "region" for the environment.',
    },
    expect.objectContaining({ check: 'artifact' }),
  ]);
});

const logIn = 'Log in (aws sso login, AWS_PROFILE, …) and try again.';

test.each<[what: string, env: Record<string, string | undefined>, line: string]>([
  [
    'no credentials',
    { ...nowhere, ...noCredentials },
    `✗ credentials    There are no AWS credentials. What is in the account was not looked at.\n                 ${logIn}\n`,
  ],
  [
    'no Region',
    { ...nowhere, AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined },
    '✗ region         There is none: neither the environment dev nor this machine names one. What is in the account was not looked at.\n                 Set "region" of the environment, or AWS_REGION.\n',
  ],
  [
    'a Region that does not exist',
    { AWS_ENDPOINT_URL: 'http://sts.us-east-9.invalid', AWS_REGION: 'us-east-9' },
    '✗ region         sts.us-east-9.invalid has no address: there is no Region us-east-9, or no way from this machine to AWS. What is in the account was not looked at.\n                 Check "region" of the environment or AWS_REGION, and the network.\n',
  ],
  [
    'an AWS that does not answer',
    { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
    '✗ credentials    127.0.0.1:1 refuses the connection: is the Region right, and AWS_ENDPOINT_URL or --endpoint-url? What is in the account was not looked at.\n                 Mend this first.\n',
  ],
])('%s: what is on this machine is looked at all the same, and nothing else', async (_what, env, line) => {
  const { status, stdout, stderr } = await doctor(['--environment', 'dev'], env);
  expect([status, stderr]).toEqual([1, '']);
  expect(stdout).toContain(line);
  expect(stdout.match(/^[✓!✗] [\w-]+/gm)).toEqual([
    '✓ node',
    '✓ versions',
    line.slice(0, line.indexOf('  ')),
    '✓ artifact',
  ]);
});

test('--help tells the options, the permissions and the exit statuses', async () => {
  const { status, stdout } = await doctor(['--help']);
  expect(status).toBe(0);
  for (const word of ['--verify', '--json', 'secretsmanager:GetSecretValue', 'Exit status: 0']) {
    expect(stdout).toContain(word);
  }
});
