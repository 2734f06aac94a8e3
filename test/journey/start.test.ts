import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { projectFolder, runNode } from '../support/run.ts';
import { StartRun } from '../support/start-run.ts';

jest.setTimeout(90_000);

let run: StartRun;

beforeEach(() => {
  run = new StartRun();
});
afterEach(() => run.remove());

describe('npm start', () => {
  test('deploys with the real cdk, has the agent calculate with its tool, and leaves nothing behind', async () => {
    const { status, stdout, stderr } = await run.start('How much is 2X2?');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('offline model');
    expect(stdout).toMatch(/Answer\s.*\b4\b/);
    expect(stdout).toMatch(/✓ AWS::BedrockAgentCore::Runtime/);
    expect(stdout).toContain("npx cdk deploy 'dev/*'");
    run.expectNothingLeft();
  });

  test('--stay prints where AWS and the runtime are, serves other clients, and ends at Ctrl-C', async () => {
    const child = spawn(process.execPath, ['cli/main.js', 'start', '--stay', 'How much is 2X2?'], {
      cwd: projectFolder,
      env: run.env,
    });
    const exited = once(child, 'close');
    const found = new Map<string, string>();
    for await (const line of createInterface({ input: child.stdout })) {
      const [, name, value] = /^(AWS endpoint|Runtime ARN): (.+)$/.exec(line) ?? [];
      if (name && value) found.set(name, value);
      if (line.startsWith('Ctrl-C')) break;
    }
    const endpoint = found.get('AWS endpoint') as string;
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(found.get('Runtime ARN')).toMatch(/^arn:aws:bedrock-agentcore:us-east-1:\d{12}:runtime\/outbound_auth_dev-/);

    const clientEnv = { ...run.env, AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any', AWS_REGION: 'us-east-1' };
    const invoke = (...args: string[]) =>
      runNode(['cli/main.js', 'invoke', '--environment', 'dev', '--endpoint-url', endpoint, ...args], {
        env: clientEnv,
      });
    const streamed = await invoke('How much is 7 times 6?');
    expect([streamed.status, streamed.stdout]).toEqual([0, expect.stringContaining('42')]);
    const json = JSON.parse((await invoke('--json', '--user', 'someone', 'How much is 7 times 6?')).stdout);
    expect(json).toEqual({
      answer: streamed.stdout.trimEnd(),
      sessionId: expect.stringMatching(/^.{33,}$/),
      userId: 'someone',
      runtimeArn: found.get('Runtime ARN'),
      qualifier: 'DEFAULT',
    });

    child.kill('SIGINT');
    await exited;
    run.expectNothingLeft();
  });

  test('says so when the port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const { status, stdout, stderr } = await run.start('--port', String(port));
    taken.close();
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `Port ${port} of 127.0.0.1 is taken by another program: end it or choose another port with --port.\n`,
    );
    run.expectNothingLeft();
  });
});
