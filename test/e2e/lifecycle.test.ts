import { setTimeout as sleep } from 'node:timers/promises';
import {
  BedrockAgentCoreControlClient,
  CreateApiKeyCredentialProviderCommand,
  DeleteApiKeyCredentialProviderCommand,
  GetApiKeyCredentialProviderCommand,
  ListApiKeyCredentialProvidersCommand,
  TagResourceCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { TestAccount } from '../support/account.ts';

const jsonSecret = 'team/openai-json';
const plainSecret = 'team/openai-plain';
const identityStack = 'outbound-auth-dev-identity';
const agentStack = 'outbound-auth-dev-agent';
const question = { prompt: 'How much is 2X2?' };

let account: TestAccount;
let agentCore: BedrockAgentCoreControlClient;
let secretsManager: SecretsManagerClient;

jest.setTimeout(120_000);

beforeAll(async () => {
  account = await TestAccount.open();
  agentCore = new BedrockAgentCoreControlClient(account.client);
  secretsManager = new SecretsManagerClient(account.client);
  const { key } = account.model;
  await secretsManager.send(
    new CreateSecretCommand({ Name: jsonSecret, SecretString: JSON.stringify({ apiKey: key }) }),
  );
  await secretsManager.send(new CreateSecretCommand({ Name: plainSecret, SecretString: key }));
});

afterAll(async () => {
  agentCore.destroy();
  secretsManager.destroy();
  await account.close();
});

const deploy = (settings: Record<string, unknown>) => account.deployDev({ secret: jsonSecret, ...settings });

const provider = (name: string) => agentCore.send(new GetApiKeyCredentialProviderCommand({ name }));

async function providerNames(): Promise<(string | undefined)[]> {
  const { credentialProviders } = await agentCore.send(new ListApiKeyCredentialProvidersCommand({}));
  return (credentialProviders ?? []).map(({ name }) => name).sort();
}

/** The answer of a new session, which has no key in memory yet; undefined when it is none. */
async function ask(runtimeArn: string, runtimeSessionId?: string): Promise<string | undefined> {
  const { body } = await account.invoke(runtimeArn, question, runtimeSessionId ? { runtimeSessionId } : {});
  const answer: unknown = JSON.parse(body);
  return typeof answer === 'string' && /\b4\b/.test(answer) ? answer : undefined;
}

/** The provider of new sessions, by name. */
const inUse = () => account.output(identityStack, 'CredentialProviderName');

const ruleName = () => account.aws.events.rules(account.region)[0]?.name ?? '';

function handlerLog(): string {
  const { aws, region } = account;
  const groups = aws.logs.groups(region).filter(({ name }) => name.includes('Handler'));
  return groups.flatMap(({ name }) => aws.logs.events(region, name).map(({ message }) => message)).join('\n');
}

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + 20_000;
  while (!(await isSo())) {
    if (Date.now() > until) throw new Error('it did not come to that in 20 seconds');
    await sleep(100);
  }
}

const runtimeArn = () => account.output(agentStack, 'RuntimeArn');

describe('a provider of this name that somebody else has made', () => {
  const name = 'team-openai';

  test('is not taken over: the deployment is refused, and theirs is as it was after the rollback', async () => {
    await agentCore.send(new CreateApiKeyCredentialProviderCommand({ name, apiKey: 'sk-of-somebody-else' }));
    const before = await provider(name);
    const { status, output } = await deploy({ credentialProviderName: name });
    expect([status, output]).toEqual([1, expect.stringContaining('adoptExisting')]);
    expect((await account.stack(identityStack))?.StackStatus).toBe('ROLLBACK_COMPLETE');
    const { $metadata: _before, ...theirs } = before;
    expect(await provider(name)).toMatchObject(theirs);
  });

  test('is adopted where one says so, and stays when the environment is destroyed', async () => {
    await agentCore.send(new DeleteApiKeyCredentialProviderCommand({ name }));
    const { secretArn } = await secretsManager
      .send(new CreateSecretCommand({ Name: 'theirs', SecretString: '{"apiKey":"sk-of-somebody-else"}' }))
      .then(({ ARN }) => ({ secretArn: ARN }));
    await agentCore.send(
      new CreateApiKeyCredentialProviderCommand({
        name,
        apiKeySecretSource: 'EXTERNAL',
        apiKeySecretConfig: { secretId: secretArn, jsonKey: 'apiKey' },
      }),
    );
    const { status, output } = await deploy({ credentialProviderName: name, adoptExisting: true });
    expect([status, output]).toEqual([0, expect.anything()]);
    expect(await ask(await runtimeArn())).toBeDefined();
    expect((await account.cdk('destroy', 'dev/*', '--force')).status).toBe(0);
    expect(await providerNames()).toEqual([name]);
    await agentCore.send(new DeleteApiKeyCredentialProviderCommand({ name }));
  });
});

describe('a deployment whose Lambda is killed in the middle of the create', () => {
  test('fails, leaves no provider behind, and works when it is repeated', async () => {
    // Lambda repeats what was killed, twice: all three have to die.
    const stop = setInterval(() => account.aws.functions.killAll(), 20);
    const killed = deploy({});
    const { status } = await killed.finally(() => clearInterval(stop));
    expect(status).toBe(1);
    expect(await providerNames()).toEqual([]);
    expect((await deploy({})).status).toBe(0);
    expect(await ask(await runtimeArn())).toBeDefined();
  });
});

describe('a key that is exchanged', () => {
  test('is used by the open session for its next answer, with one refused request that the caller does not see', async () => {
    const session = `rotation-${'x'.repeat(33)}`;
    const arn = await runtimeArn();
    expect(await ask(arn, session)).toBeDefined();
    const newKey = 'sk-offline-exchanged';
    account.acceptOnly(newKey);
    await secretsManager.send(
      new PutSecretValueCommand({ SecretId: jsonSecret, SecretString: JSON.stringify({ apiKey: newKey }) }),
    );
    const refusedBefore = account.model.requests.filter(({ accepted }) => !accepted).length;
    expect(await ask(arn, session)).toBeDefined();
    expect(account.model.requests.filter(({ accepted }) => !accepted).length - refusedBefore).toBe(1);
    account.acceptOnly(undefined);
  });
});

describe('a switch between a JSON secret and a plain one', () => {
  /** Deploys, and asks new sessions all the while: every one of them must get its answer. */
  async function deployWhileAsking(settings: Record<string, unknown>): Promise<void> {
    const arn = await runtimeArn();
    let deploying = true;
    const deployed = deploy(settings).finally(() => {
      deploying = false;
    });
    let answers = 0;
    while (deploying) {
      expect(await ask(arn)).toBeDefined();
      answers++;
    }
    const { status, output } = await deployed;
    expect([status, output]).toEqual([0, expect.anything()]);
    expect(answers).toBeGreaterThan(3);
    expect(await ask(arn)).toBeDefined();
  }

  const openSession = `opened-before-${'x'.repeat(33)}`;
  let before: string;

  test('copies the plain one under another name; the agent answers before, during and after', async () => {
    before = await inUse();
    expect(await ask(await runtimeArn(), openSession)).toBeDefined();
    await deployWhileAsking({ secret: plainSecret, source: 'copy' });
    expect((await provider(await inUse())).apiKeySecretSource).toBe('MANAGED');
  });

  test('keeps the provider before for the session that was open then: it may fetch its key again', async () => {
    expect(await providerNames()).toEqual([before, await inUse()].sort());
    // The key in its memory is refused, so that it has to ask AgentCore, by the name that it knows.
    const newKey = 'sk-offline-of-the-json-secret';
    account.acceptOnly(newKey);
    await secretsManager.send(
      new PutSecretValueCommand({ SecretId: jsonSecret, SecretString: JSON.stringify({ apiKey: newKey }) }),
    );
    expect(await ask(await runtimeArn(), openSession)).toBeDefined();
    account.acceptOnly(undefined);
  });

  test('removes it on the day when no such session can live any more', async () => {
    const current = await inUse();
    account.aws.events.runSchedule(account.region, ruleName());
    await eventually(async () => handlerLog().includes('Scheduled Event'));
    expect(await providerNames()).toEqual([before, current].sort());
    // Nine hours ago instead of a minute.
    await agentCore.send(
      new TagResourceCommand({
        resourceArn: (await provider(before)).credentialProviderArn,
        tags: { 'outbound-auth:used-until': new Date(Date.now() - 9 * 3_600_000).toISOString() },
      }),
    );
    account.aws.events.runSchedule(account.region, ruleName());
    await eventually(async () => (await providerNames()).length === 1);
    expect(await providerNames()).toEqual([current]);
  });

  test('keeps the copy up to date when the plain secret changes, without a deployment', async () => {
    const newKey = 'sk-offline-copied-again';
    account.acceptOnly(newKey);
    await secretsManager.send(new PutSecretValueCommand({ SecretId: plainSecret, SecretString: newKey }));
    const arn = await runtimeArn();
    const until = Date.now() + 20_000;
    let answer: string | undefined;
    while (answer === undefined && Date.now() < until) answer = await ask(arn);
    expect(answer).toBeDefined();
    account.acceptOnly(undefined);
  });

  test('and back again, under an explicit name', async () => {
    await deployWhileAsking({ credentialProviderName: 'explicit' });
    expect(await inUse()).toBe('explicit');
    expect((await provider('explicit')).apiKeySecretSource).toBe('EXTERNAL');
  });

  test('is refused under the same explicit name, which would collide, before anything changes', async () => {
    const { status, output } = await deploy({
      credentialProviderName: 'explicit',
      secret: plainSecret,
      source: 'copy',
    });
    expect([status, output]).toEqual([1, expect.stringContaining('credentialProviderName')]);
    expect((await provider('explicit')).apiKeySecretSource).toBe('EXTERNAL');
    expect(await ask(await runtimeArn())).toBeDefined();
  });
});

describe('a secret that cannot serve any more', () => {
  test('lands in the dead-letter queue, which the alarm watches, when its refresh has failed three times', async () => {
    const { SecretString: good } = await secretsManager.send(new GetSecretValueCommand({ SecretId: jsonSecret }));
    const store = (SecretString: string | undefined) =>
      secretsManager.send(new PutSecretValueCommand({ SecretId: jsonSecret, SecretString }));
    await store('{"apiKey":"changeme"}');
    const deadLetters = () => account.aws.queues.list(account.region).flatMap(({ messages }) => messages);
    await eventually(async () => deadLetters().length > 0);
    expect(handlerLog()).toContain('is a placeholder, not a key');
    expect(account.aws.alarms.list(account.region)).toMatchObject([
      { configuration: { MetricName: 'NumberOfMessagesSent' } },
    ]);
    await store(good);
    expect(await ask(await runtimeArn())).toBeDefined();
  });
});

describe('callers that name no user', () => {
  test('get the clear error, unless the environment lets them in', async () => {
    const arn = await runtimeArn();
    const withoutUser = () => account.invoke(arn, question, { runtimeUserId: undefined });
    expect((await withoutUser()).body).toContain('WorkloadAccessTokenMissing');
    expect((await deploy({ credentialProviderName: 'explicit', callersWithoutUser: true })).status).toBe(0);
    expect(JSON.parse((await withoutUser()).body)).toMatch(/\b4\b/);
  });
});

describe('an identity stack that is deleted and made again', () => {
  test('is found again by the agent, whose own stack did not change meanwhile and can change afterwards', async () => {
    const settings = { credentialProviderName: 'explicit' };
    expect((await deploy(settings)).status).toBe(0);
    expect((await account.cdk('destroy', 'dev/identity', '--exclusively', '--force')).status).toBe(0);
    expect((await deploy(settings)).status).toBe(0);
    const { status, output } = await deploy({ ...settings, systemPrompt: 'Be brief.' });
    expect([status, output]).toEqual([0, expect.anything()]);
    expect(await ask(await runtimeArn())).toBeDefined();
  });
});

describe('cdk destroy', () => {
  test('succeeds although somebody has deleted the provider already, and leaves nothing', async () => {
    await agentCore.send(new DeleteApiKeyCredentialProviderCommand({ name: 'explicit' }));
    expect((await account.cdk('destroy', 'dev/*', '--force')).status).toBe(0);
    expect(await providerNames()).toEqual([]);
    expect(account.aws.iam.roles().filter(({ name }) => name.startsWith('outbound-auth'))).toEqual([]);
  });
});
