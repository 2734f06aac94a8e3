import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startOfflineModel } from '../../offline-model/index.ts';
import { azureDeployments } from '../agent/support/providers/routes.ts';
import { startProvider } from '../agent/support/providers/stand-in.ts';
import { processesMentioning } from '../support/processes.ts';
import { projectFolder, runNode } from '../support/run.ts';

jest.setTimeout(90_000);

/** Every temporary file and every child process of a run is below this folder, so that what is left can be seen. */
let folder: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outbound-auth-start-'));
  const rest = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.includes('OPENAI')));
  env = { ...rest, TMPDIR: folder };
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const start = (...args: string[]) => runNode(['cli/main.js', 'start', ...args], { env });

function expectNothingLeft(): void {
  expect(processesMentioning(folder)).toEqual([]);
  expect(readdirSync(folder).filter((name) => !name.startsWith('node-compile-cache'))).toEqual([]);
}

describe('npm start', () => {
  test('deploys with the real cdk, has the agent calculate with its tool, and leaves nothing behind', async () => {
    const { status, stdout, stderr } = await start('How much is 2X2?');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('offline model');
    expect(stdout).toMatch(/Answer\s.*\b4\b/);
    expect(stdout).toMatch(/✓ AWS::BedrockAgentCore::Runtime/);
    expect(stdout).toContain("npx cdk deploy 'dev/*'");
    expectNothingLeft();
  });

  test('with OPENAI_API_KEY and OPENAI_BASE_URL asks that model; the key is in no output', async () => {
    const model = await startOfflineModel();
    env.OPENAI_API_KEY = model.key;
    env.OPENAI_BASE_URL = model.url;
    const { status, output } = await start('How much is 3 times 5?');
    await model.close();
    expect(status).toBe(0);
    expect(output).not.toContain('offline model');
    expect(output).not.toContain(model.key);
    expect(output).toMatch(/Answer\s.*\b15\b/);
    expect(model.requests.length).toBeGreaterThan(1);
    expectNothingLeft();
  });

  test('with OPENAI_PROVIDER=azure deploys an agent that asks Azure OpenAI; the key is in no output', async () => {
    const provider = await startProvider(azureDeployments);
    provider.answers.push(
      {
        toolCalls: [{ id: 'call_1', name: 'calculator', args: '{"expression":"3*5"}' }],
        usage: { input: 1, output: 1 },
      },
      { text: 'It is 15, says Azure.', usage: { input: 1, output: 1 } },
    );
    Object.assign(env, azureDeployments.variables(provider.url), { AZURE_OPENAI_API_KEY: provider.key });
    const { status, output } = await start('How much is 3 times 5?');
    await provider.close();
    expect(output).toMatch(/Model\s+Azure OpenAI, deployment my-deployment at http:/);
    expect(output).toMatch(/Answer\s.*It is 15, says Azure/);
    expect(output).not.toContain(provider.key);
    expect(provider.faults).toEqual([]);
    expect(status).toBe(0);
    expectNothingLeft();
  });

  test('--stay prints where AWS and the runtime are, serves other clients, and ends at Ctrl-C', async () => {
    const child = spawn(process.execPath, ['cli/main.js', 'start', '--stay', 'How much is 2X2?'], {
      cwd: projectFolder,
      env,
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

    const clientEnv = { ...env, AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any', AWS_REGION: 'us-east-1' };
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
    expectNothingLeft();
  });

  test('says so when the port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const { status, stdout, stderr } = await start('--port', String(port));
    taken.close();
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `Port ${port} of 127.0.0.1 is taken by another program: end it or choose another port with --port.\n`,
    );
    expectNothingLeft();
  });
});
