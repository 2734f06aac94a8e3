import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cdkEnvironment } from '../../../cli/start/environment.ts';
import { CommandRunner } from '../../support/command-runner.ts';
import { admit, type Patient, region, secretName } from './patient.ts';
import { noAgentCore, type StartRow, startRows } from './rows/start.ts';

let patient: Patient;
let home: string;
const commands = new CommandRunner();

beforeAll(async () => {
  patient = await admit();
  home = await mkdtemp(join(tmpdir(), 'doctor-home-'));
});
afterAll(async () => {
  await commands.end();
  await patient.aws.close();
  await rm(home, { recursive: true });
});

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
function doctor(args: string[], env: Record<string, string | undefined> = {}) {
  const local = cdkEnvironment({ endpoint: patient.aws.endpoint, region, credentials }, home);
  return commands.run(['doctor', ...args], { ...local, ...env });
}

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
  const [, env] = noAgentCore;
  const other = { ...env, CDK_DOCKER: 'no-such-docker' };
  const { status, stdout } = await doctor(['--environment', 'dev'], other);
  expect(status).toBe(1);
  expect(stdout).toContain(printedBy(noAgentCore));
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

/** What the table of rows calls a line, as it is printed. */
function printedBy([, , line]: StartRow): string {
  const [, sign, check = '', found, remedy] = /^(.) ([\w-]+): (.*) → (.*)$/.exec(line) ?? [];
  return `${sign} ${check.padEnd(15)}${found}\n                 ${remedy}\n`;
}

test.each(startRows)('%s: what is on this machine is looked at all the same, and nothing else', async (...row) => {
  const [, env, line] = row;
  const { status, stdout, stderr } = await doctor(['--environment', 'dev'], env);
  expect([status, stderr]).toEqual([1, '']);
  expect(stdout).toContain(printedBy(row));
  expect(stdout.match(/^[✓!✗] [\w-]+/gm)).toEqual([
    '✓ node',
    '✓ versions',
    line.slice(0, line.indexOf(':')),
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
