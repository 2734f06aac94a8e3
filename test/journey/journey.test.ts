import {
  BedrockAgentCoreControlClient,
  GetAgentRuntimeCommand,
  GetApiKeyCredentialProviderCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { textOf } from '../agent/support/running-agent.ts';
import { TestAccount } from '../support/account.ts';
import { runNode } from '../support/run.ts';

const secretName = 'agentcore-outbound-auth/dev/openai';
const identityStack = 'outbound-auth-dev-identity';
const agentStack = 'outbound-auth-dev-agent';

let account: TestAccount;
let runtimeArn: string;

jest.setTimeout(120_000);

beforeAll(async () => {
  account = await TestAccount.open();
});

afterAll(() => account.close());

const pirate = { secret: secretName, systemPrompt: 'Answer like a pirate.' };

async function storeKey(key: string): Promise<void> {
  const secretsManager = new SecretsManagerClient(account.client);
  await secretsManager.send(
    new PutSecretValueCommand({ SecretId: secretName, SecretString: JSON.stringify({ apiKey: key }) }),
  );
  secretsManager.destroy();
}

const errorOf = (body: string) => (JSON.parse(body) as { error: { code: string; message: string } }).error;

describe('with a key in Secrets Manager', () => {
  test('the real cdk deploys both stacks', async () => {
    account.createSecret(secretName);
    const { status, output } = await account.deployDev();
    expect([status, output]).toEqual([0, expect.stringContaining('dev/agent')]);
    runtimeArn = await account.output(agentStack, 'RuntimeArn');
    expect(runtimeArn).toMatch(/:runtime\/outbound_auth_dev-\w+$/);
  });

  test('the credential provider refers to the secret, and the runtime shows no key', async () => {
    const agentCore = new BedrockAgentCoreControlClient(account.client);
    const name = await account.output(identityStack, 'CredentialProviderName');
    const provider = await agentCore.send(new GetApiKeyCredentialProviderCommand({ name }));
    expect(provider).toMatchObject({
      apiKeySecretSource: 'EXTERNAL',
      apiKeySecretArn: { secretArn: await account.output(identityStack, 'SecretArn') },
    });
    const runtime = await agentCore.send(new GetAgentRuntimeCommand({ agentRuntimeId: runtimeArn.split('/').at(-1) }));
    agentCore.destroy();
    expect(runtime.status).toBe('READY');
    expect(JSON.stringify(runtime)).not.toContain(account.model.key);
  });

  test('the agent answers the tutorial’s questions with its tools', async () => {
    const weather = await account.invoke(runtimeArn, { prompt: 'What is the weather now?' });
    expect(JSON.parse(weather.body)).toMatch(/sunny/);
    const sum = await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' });
    expect(JSON.parse(sum.body)).toMatch(/\b4\b/);
    const toolResults = account.model.requests.flatMap(({ messages }) =>
      messages.filter(({ role }) => role === 'tool'),
    );
    expect(toolResults.map(({ content }) => JSON.stringify(content))).toEqual([
      expect.stringContaining('sunny'),
      expect.stringContaining('4'),
    ]);
  });

  test('the agent streams the same answer, in chunks', async () => {
    const whole = await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' });
    const streamed = await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' }, { accept: 'text/event-stream' });
    expect(streamed.contentType).toContain('text/event-stream');
    const chunks = streamed.body
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => JSON.parse(line.slice(6)) as unknown);
    expect(chunks.filter((chunk) => typeof chunk === 'string').length).toBeGreaterThan(1);
    expect(textOf(chunks)).toBe(JSON.parse(whole.body));
    expect(chunks.at(-1)).toEqual({
      messageStop: { stopReason: 'end_turn', usage: expect.objectContaining({ totalTokens: expect.any(Number) }) },
    });
  });

  test('a conversation goes on within its session, and in no other', async () => {
    const ask = async (prompt: string, session: string) =>
      JSON.parse((await account.invoke(runtimeArn, { prompt }, { runtimeSessionId: session.padEnd(33, '-') })).body);
    expect(await ask('How much is 2X2?', 'conversation')).toBe('2*2 = 4.');
    expect(await ask('And that times 10?', 'conversation')).toBe('4*10 = 40.');
    expect(await ask('How much is that plus 2?', 'conversation')).toBe('40+2 = 42.');
    expect(await ask('And that times 10?', 'another conversation')).not.toContain('40');
  });

  test('npm run invoke --chat has a conversation, a line for each prompt', async () => {
    const { status, stdout } = await runNode(['cli/main.js', 'invoke', '--environment', 'dev', '--chat'], {
      env: account.environment,
      input: 'How much is 2X2?\nAnd that times 10?\n',
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/2\*2 = 4\.\n(.|\n)*4\*10 = 40\.\n/);
  });

  test('a deployment without a change changes nothing', async () => {
    const before = [
      (await account.stack(identityStack))?.LastUpdatedTime,
      (await account.stack(agentStack))?.LastUpdatedTime,
    ];
    const { status, output } = await account.deployDev();
    expect(status).toBe(0);
    expect(output.match(/\(no changes\)/g)).toHaveLength(2);
    expect([
      (await account.stack(identityStack))?.LastUpdatedTime,
      (await account.stack(agentStack))?.LastUpdatedTime,
    ]).toEqual(before);
  });

  test('cdk diff shows what a changed setting would do', async () => {
    const { status, output } = await account.cdk(
      'diff',
      'dev/*',
      '--context',
      `environments=${JSON.stringify({ dev: pirate })}`,
    );
    expect(status).toBe(0);
    expect(output).toContain('SYSTEM_PROMPT');
  });

  test('a changed prompt takes effect with the next deployment, for new sessions', async () => {
    expect((await account.deployDev(pirate)).status).toBe(0);
    await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' });
    const system = account.model.requests.at(-1)?.messages.find(({ role }) => role === 'system');
    expect(JSON.stringify(system)).toContain('Answer like a pirate.');
  });
});

describe('an error that the caller can do something about reaches the caller, and never with the key', () => {
  test('no user id: the agent has no workload access token, and says what to pass', async () => {
    const { body } = await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' }, { runtimeUserId: undefined });
    expect(errorOf(body)).toMatchObject({
      code: 'WorkloadAccessTokenMissing',
      message: expect.stringContaining('runtimeUserId'),
    });
  });

  test.each([
    ['not JSON', 'How much is 2X2?'],
    ['without a prompt', { question: 'How much is 2X2?' }],
    ['with an empty prompt', { prompt: '  ' }],
  ])('a payload that is %s', async (_, payload) => {
    const { body } = await account.invoke(runtimeArn, payload);
    expect(errorOf(body)).toMatchObject({ code: 'InvalidPayload', message: expect.stringContaining('prompt') });
  });

  test('a wrong key: which credential provider holds it, in both ways of reading', async () => {
    const wrongKey = 'sk-wrong-0123456789abcdef';
    await storeKey(wrongKey);
    const { body } = await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' });
    expect(errorOf(body)).toMatchObject({
      code: 'ModelKeyRefused',
      message: expect.stringContaining('outbound-auth-dev-openai'),
    });
    const streamed = await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' }, { accept: 'text/event-stream' });
    expect(streamed.body).toContain('ModelKeyRefused');
    for (const text of [body, streamed.body]) expect(text).not.toMatch(/sk-wrong|cdef/);
  });

  test('the key is exchanged in the secret, and the same session answers: no deployment, no restart', async () => {
    const session = `rotation-${'x'.repeat(33)}`;
    const ask = async () =>
      (await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' }, { runtimeSessionId: session })).body;
    expect(errorOf(await ask()).code).toBe('ModelKeyRefused');
    await storeKey('sk-offline-exchanged-key');
    expect(JSON.parse(await ask())).toMatch(/\b4\b/);
  });
});

describe('cdk destroy', () => {
  test('leaves nothing of ours, and the secret as it is', async () => {
    const name = await account.output(identityStack, 'CredentialProviderName');
    const { status } = await account.cdk('destroy', 'dev/*', '--force');
    expect(status).toBe(0);
    expect(await account.stack(identityStack)).toBeUndefined();
    expect(await account.stack(agentStack)).toBeUndefined();
    expect(account.aws.iam.roles().filter(({ name }) => name.startsWith('outbound-auth'))).toEqual([]);
    const agentCore = new BedrockAgentCoreControlClient(account.client);
    await expect(agentCore.send(new GetApiKeyCredentialProviderCommand({ name }))).rejects.toThrow(
      expect.objectContaining({ name: 'ResourceNotFoundException' }),
    );
    agentCore.destroy();
    await storeKey('sk-offline-still-there');
  });
});
