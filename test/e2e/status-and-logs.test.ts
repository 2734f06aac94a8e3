import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleaned, readableLine } from '../../cli/logs/agent-line.ts';
import { cdkEnvironment } from '../../cli/start/environment.ts';
import { TestAccount } from '../support/account.ts';
import { CommandRunner } from '../support/command-runner.ts';
import { deployInProcess } from '../support/in-process-cdk.ts';
import { type Ended, projectFolder } from '../support/run.ts';

/** That of cdk.json, where the commands look for it. */
const secret = 'agentcore-outbound-auth/dev/openai';
const good = 'session-11111111-aaaa-bbbb-cccc-000000000001';
const bad = 'session-22222222-aaaa-bbbb-cccc-000000000002';

let account: TestAccount;
const commands = new CommandRunner();

jest.setTimeout(60_000);

beforeAll(async () => {
  account = await TestAccount.open();
});
afterAll(async () => {
  await commands.end();
  await account.close();
});

/** The program has to start, and CloudWatch Logs to be asked again. */
async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !condition(); await sleep(50)) {
    if (Date.now() > end) throw new Error(`Still not true after 30 s: ${condition}`);
  }
}

const run = (command: string, ...args: string[]): Promise<Ended> =>
  commands.run([command, '--environment', 'dev', ...args], account.environment);

async function ask(session: string): Promise<string> {
  const arn = await account.output('outbound-auth-dev-agent', 'RuntimeArn');
  return (await account.invoke(arn, { prompt: 'How much is 2X2?' }, { runtimeSessionId: session })).body;
}

test.each(['status', 'logs'])(
  '%s of an environment that is not deployed is one line, and status 1',
  async (command) => {
    const ended = await run(command);
    expect(ended).toMatchObject({ status: 1, stdout: '' });
    expect(ended.stderr).toMatch(
      /^The environment dev is not deployed here: .*\. Deploy it: npm run up -- --environment dev\.\n$/,
    );
  },
);

describe('of an agent that is deployed', () => {
  beforeAll(async () => {
    account.createSecret(secret);
    await deployInProcess(account.aws, account.region, { dev: { secret } });
  });

  test('logs before the first invocation says that there is nothing yet', async () => {
    const nothing = { status: 0, stdout: '', stderr: 'Nothing was logged in the last 15m.\n' };
    expect(await run('logs')).toMatchObject(nothing);
  });

  test('logs says where somebody has deleted the log groups', async () => {
    const { aws, region } = account;
    const ofAgent = aws.logs.groups(region).filter(({ name }) => name.startsWith('/aws/bedrock-agentcore/'));
    for (const { name } of ofAgent) aws.logs.deleteGroup(region, name);
    expect(await run('logs')).toMatchObject({
      status: 0,
      stdout: '',
      stderr: 'The agent of dev has no log group: its deployment makes it, and AgentCore at the next invocation.\n',
    });
  });

  describe('and was invoked', () => {
    beforeAll(async () => {
      expect(await ask(good)).toBe('"2*2 = 4."');
      account.acceptOnly('another key');
      expect(JSON.parse(await ask(bad))).toHaveProperty('error.code', 'ModelKeyRefused');
      account.acceptOnly(undefined);
      // The log comes beside the answer.
      const { aws, region } = account;
      const logged = () => JSON.stringify(aws.logs.groups(region).map(({ name }) => aws.logs.events(region, name)));
      await until(() => logged().includes('invocation failed'));
    });

    test('logs prints a line for each thing that the agent said', async () => {
      const { status, stdout, stderr } = await run('logs');
      expect([status, stderr]).toEqual([0, '']);
      const lines = stdout.trimEnd().split('\n');
      for (const line of lines) expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} (info |warn |error) DEFAULT {2}\S/);
      expect(stdout).toMatch(
        / info {2}DEFAULT {2}invocation succeeded {2}session 11111111 {2}\d+ ms {2}inputTokens=\d+ {2}outputTokens=\d+\n/,
      );
      expect(stdout).toMatch(
        / warn {2}DEFAULT {2}invocation failed: ModelKeyRefused {2}session 22222222 {2}\d+ ms {2}reason="/,
      );
    });

    test('logs --session prints the lines of one session, --json as the agent wrote them', async () => {
      for (const id of [bad, '22222222']) {
        const { stdout } = await run('logs', '--session', id, '--json');
        const lines = stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, unknown>);
        expect(lines.length).toBeGreaterThan(0);
        for (const line of lines) expect(line).toMatchObject({ sessionId: bad, level: 'warn' });
      }
      const none = await run('logs', '--session', 'nobody', '--since', '2h');
      expect(none).toMatchObject({
        status: 0,
        stdout: '',
        stderr: 'Nothing was logged in the last 2h of the session nobody.\n',
      });
    });

    test('logs --follow prints what comes, each line once, until Ctrl-C', async () => {
      const args = ['cli/main.js', 'logs', '--environment', 'dev', '--follow', '--json', '--session', '33333333'];
      const child = spawn(process.execPath, args, { cwd: projectFolder, env: account.environment });
      const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve([code, signal])));
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk;
      });
      const session = 'session-33333333-aaaa-bbbb-cccc-000000000003';
      await ask(session);
      await until(() => output.includes('invocation succeeded'));
      await ask(session);
      await until(() => output.split('invocation succeeded').length === 3);
      child.kill('SIGINT');
      expect(await ended).toEqual([0, null]);
      expect(output.trimEnd().split('\n')).toHaveLength(2);
    });

    test('status shows all of it on one screen', async () => {
      const { status, stdout, stderr } = await run('status');
      expect([status, stderr]).toEqual([0, '']);
      const time = String.raw`\d+ (s|min) ago \(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)`;
      for (const line of [
        `Stacks   identity CREATE_COMPLETE, ${time}`,
        `         agent    CREATE_COMPLETE, ${time}`,
        'Runtime  READY',
        String.raw`         arn:aws:bedrock-agentcore:us-east-1:\d{12}:runtime/outbound_auth_dev-\w{10}`,
        `Versions 1 is the newest, ${time}; 0 before it`,
        'Endpoint DEFAULT  version 1, READY',
        'Platform V2, network PUBLIC',
        'Artifact container',
        'Key      of openai',
        `         provider outbound-auth-dev-openai-[0-9a-f]{6}, EXTERNAL, written ${time}`,
        String.raw`         secret ${secret}-\w{6}, changed ${time}`,
        String.raw`Alarms   1 INSUFFICIENT_DATA \(nothing was measured yet\)`,
        `Errors   ModelKeyRefused 1 in the last hour, the newest ${time}`,
      ]) {
        expect(stdout).toMatch(new RegExp(`^${line}$`, 'm'));
      }
      expect(stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(24);
      expect(stdout).not.toContain(account.model.key);
    });

    test('status --json is one object for machines', async () => {
      const { stdout } = await run('status', '--json');
      expect(stdout.trimEnd()).not.toContain('\n');
      expect(JSON.parse(stdout)).toMatchObject({
        environment: 'dev',
        stacks: { identity: { status: 'CREATE_COMPLETE' }, agent: { status: 'CREATE_COMPLETE' } },
        runtime: { status: 'READY', version: '1', platformVersion: 'V2', artifact: { kind: 'container' } },
        versions: [{ version: '1', status: 'READY' }],
        endpoints: [{ name: 'DEFAULT', version: '1', status: 'READY' }],
        keys: [{ service: 'openai', provider: { source: 'EXTERNAL' }, secret: { deleted: null } }],
        alarms: [{ state: 'INSUFFICIENT_DATA' }],
        errors: [{ code: 'ModelKeyRefused', count: 1 }],
      });
      expect(stdout).not.toContain(account.model.key);
    });

    test('status without some permissions says so on their lines, and shows the rest', async () => {
      const { aws } = account;
      const { arn } = aws.iam.putRole({
        name: 'onlooker',
        trustPolicy: { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: aws.account } } },
        inlinePolicies: {
          Own: {
            Statement: [
              { Effect: 'Allow', Action: ['cloudformation:*', 'bedrock-agentcore:*'], Resource: '*' },
              { Effect: 'Deny', Action: 'bedrock-agentcore:ListAgentRuntimeVersions', Resource: '*' },
            ],
          },
        },
      });
      const credentials = aws.iam.assumeRole(aws.iam.administrator, arn, 'onlooker');
      const env = {
        ...cdkEnvironment({ ...account.client, credentials }, account.folder),
        AWS_SESSION_TOKEN: credentials.sessionToken,
      };
      const ended = await commands.run(['status', '--environment', 'dev'], env);
      expect([ended.status, ended.stderr]).toEqual([0, '']);
      const denied = (action: string) => `cannot be read: AccessDenied.*perform: ${action} `;
      for (const line of [
        'Runtime  READY',
        `Versions ${denied('bedrock-agentcore:ListAgentRuntimeVersions')}`,
        'Endpoint DEFAULT  version 1, READY',
        `         ${denied('secretsmanager:DescribeSecret')}`,
        `Alarms   ${denied('cloudwatch:DescribeAlarms')}`,
        `Errors   ${denied('logs:DescribeLogGroups')}`,
      ]) {
        expect(ended.stdout).toMatch(new RegExp(`^${line}`, 'm'));
      }
    });
  });
});

test('a line of Node.js itself, which is no JSON, is printed as it is', () => {
  const line = { time: new Date(0), endpoint: 'live', text: 'FATAL ERROR: heap', fields: undefined };
  expect(readableLine(line, (_, text) => text)).toBe('00:00:00.000 -     live  FATAL ERROR: heap');
});

test('a terminal gets our colours, and obeys nothing that the line quotes', () => {
  const fields = { level: 'info', message: 'said \u001b[2Jand\nmore', sessionId: 'release-12345678-aaaa' };
  const line = { time: new Date(0), endpoint: 'live', text: JSON.stringify(fields), fields };
  const dim = (_: string, text: string) => `\u001b[2m${text}\u001b[22m`;
  expect(readableLine(cleaned(line, { isTTY: true }), dim)).toBe(
    '00:00:00.000 \u001b[2minfo \u001b[22m live  said [2Jand more  session 12345678',
  );
});
