import { TestAccount } from '../support/account.ts';
import { deployInProcess } from '../support/in-process-cdk.ts';
import { seoulInWords, startWeatherService } from '../support/weather-service.ts';

const identityStack = 'outbound-auth-dev-identity';
const agentStack = 'outbound-auth-dev-agent';
const modelSecret = 'team/openai';
const weatherSecret = 'team/weather';
const question = { prompt: 'What is the weather in Seoul?' };

const keyOfToday = 'weather-key-of-today-0123456789';
const keyOfTomorrow = 'weather-key-of-tomorrow-0123456789';

let account: TestAccount;
let weather: Awaited<ReturnType<typeof startWeatherService>>;
let accepted: string;
let templates: string;

jest.setTimeout(60_000);

beforeAll(async () => {
  account = await TestAccount.open();
  accepted = keyOfToday;
  weather = await startWeatherService((key) => key === accepted);
  account.createSecret(modelSecret);
  account.createSecret(weatherSecret, keyOfToday);
});

afterAll(async () => {
  await weather.close();
  await account.close();
});

async function deploy(settings: Record<string, unknown>): Promise<void> {
  const { aws, region } = account;
  templates = JSON.stringify(await deployInProcess(aws, region, { dev: { secret: modelSecret, ...settings } }));
}

const withWeather = (settings: Record<string, unknown> = {}) => ({
  weather: { secret: weatherSecret, baseUrl: weather.url, ...settings },
});

async function ask(payload: object = question, runtimeSessionId?: string): Promise<unknown> {
  const runtimeArn = await account.output(agentStack, 'RuntimeArn');
  const { body } = await account.invoke(runtimeArn, payload, runtimeSessionId ? { runtimeSessionId } : {});
  return JSON.parse(body) as unknown;
}

/** The names of all credential providers there are. */
function providers(): (string | undefined)[] {
  const { aws, region } = account;
  const call = { region, caller: aws.iam.administrator, authorize: () => {} };
  const { credentialProviders } = aws.credentialProviders.list(call, {});
  return credentialProviders.map(({ name }) => name).sort();
}

function rotate(secretId: string, apiKey: string): void {
  const { aws, region } = account;
  aws.secrets.putValue(aws.iam.administrator, region, { secretId, secretString: JSON.stringify({ apiKey }) });
}

const handlersOfProviders = () =>
  account.aws.functions
    .list(account.region)
    .filter(({ configuration }) => configuration.functionName.includes('CredentialProvider'));
const isOfTool = ({ functionName }: { functionName: string }) => functionName.includes('Weather');
const keysSent = () => weather.requests.splice(0).map(({ headers }) => headers.apikey);

describe('an environment with a weather service', () => {
  test('is deployed, and its agent answers with what the service said', async () => {
    await deploy(withWeather());
    expect(await ask()).toBe(seoulInWords);
    expect(keysSent()).toEqual([keyOfToday]);
  });

  test('answers everything else as before, and mixes no keys up', async () => {
    expect(await ask({ prompt: 'How much is 2X2?' })).toBe('2*2 = 4.');
    expect(account.takeKeysUsed()).toEqual([account.model.key]);
    expect(keysSent()).toEqual([]);
  });

  test('has the key in no template, output, environment variable or log', async () => {
    const { aws, region } = account;
    const stacks = await Promise.all([identityStack, agentStack].map((name) => account.stack(name)));
    const logs = aws.logs.groups(region).flatMap(({ name }) => aws.logs.events(region, name));
    expect(logs.length).toBeGreaterThan(0);
    expect(templates).toContain('WEATHER_CREDENTIAL_PROVIDER_NAME');
    for (const text of [templates, JSON.stringify(stacks), JSON.stringify(logs)]) {
      expect(text).not.toContain(keyOfToday);
    }
  });
});

describe('the roles of its two handlers', () => {
  /** What a handler is told that wants to read a secret; undefined where it may. */
  function refusalOf(ofTool: boolean, secretId: string): string | undefined {
    const { aws, region } = account;
    const found = handlersOfProviders().find(({ configuration }) => isOfTool(configuration) === ofTool);
    if (!found) throw new Error('There is no such handler.');
    const { principal } = aws.iam.assumeRoleAsService(found.configuration.role, 'lambda.amazonaws.com', 'test', {
      'aws:SourceAccount': aws.account,
      'aws:SourceArn': found.arn,
    });
    const { arn } = aws.secrets.describe(aws.iam.administrator, region, secretId);
    try {
      aws.iam.authorize(principal, 'secretsmanager:GetSecretValue', arn);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  test.each([
    [false, modelSecret, weatherSecret],
    [true, weatherSecret, modelSecret],
  ])('(of the tool: %s) may read %s and not %s', (ofTool, own, other) => {
    expect(refusalOf(ofTool, own)).toBeUndefined();
    expect(refusalOf(ofTool, other)).toMatch(/not authorized to perform: secretsmanager:GetSecretValue/);
  });
});

describe('the weather key', () => {
  const session = `open-session-${'x'.repeat(33)}`;

  test('can be exchanged: the open session uses the new one for its next answer, without a deployment', async () => {
    expect(await ask(question, session)).toBe(seoulInWords);
    keysSent();
    accepted = keyOfTomorrow;
    rotate(weatherSecret, keyOfTomorrow);
    expect(await ask(question, session)).toBe(seoulInWords);
    expect(keysSent()).toEqual([keyOfToday, keyOfTomorrow]);
  });

  test('can come from another secret: the provider is replaced, the open session goes on, the model’s is untouched', async () => {
    const before = providers();
    account.createSecret('team/other-weather', keyOfTomorrow);
    await deploy(withWeather({ secret: 'team/other-weather' }));
    expect(await ask()).toBe(seoulInWords);
    expect(await ask(question, session)).toBe(seoulInWords);
    const after = providers();
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after).toHaveLength(before.length + 1);
    expect(after.filter((name) => name?.includes('-openai-'))).toHaveLength(1);
  });

  test('that is denied, by a policy without its provider, leaves the rest of the agent as it is', async () => {
    const { aws } = account;
    const name = await account.output(identityStack, 'WeatherCredentialProviderName');
    const role = aws.iam.roles().find((each) => each.name.includes('agent-AgentExecutionRole'));
    if (!role) throw new Error('There is no execution role.');
    const policies = [...role.inlinePolicies];
    for (const [policyName, document] of policies) {
      const narrowed = JSON.stringify(document).replaceAll(`apikeycredentialprovider/${name}"`, 'nobody"');
      role.inlinePolicies.set(policyName, JSON.parse(narrowed) as typeof document);
    }
    expect(await ask()).toMatch(/the agent did not get the key for it/);
    expect(await ask({ prompt: 'How much is 2X2?' })).toBe('2*2 = 4.');
    for (const [policyName, document] of policies) role.inlinePolicies.set(policyName, document);
    expect(await ask()).toBe(seoulInWords);
  });
});

describe('an environment whose weather service is taken away', () => {
  test('has no provider, handler or permission for it any more, and it is sunny', async () => {
    await deploy({});
    expect(await ask()).toBe('The weather in Seoul is sunny.');
    expect(providers()).toEqual([expect.stringMatching(/-openai-/)]);
    expect(handlersOfProviders().map(({ configuration }) => isOfTool(configuration))).toEqual([false]);
    expect(templates).not.toMatch(/weather/i);
  });

  test('can have it again', async () => {
    await deploy(withWeather({ secret: 'team/other-weather' }));
    expect(await ask()).toBe(seoulInWords);
  });
});

test('destroying it leaves nothing behind but the secrets', async () => {
  const { aws, region } = account;
  for (const name of [agentStack, identityStack]) await aws.stacks.destroy(region, name);
  expect(providers()).toEqual([]);
  expect(aws.functions.list(region)).toEqual([]);
  expect(aws.queues.list(region)).toEqual([]);
  expect(aws.alarms.list(region)).toEqual([]);
  expect(aws.events.rules(region)).toEqual([]);
  expect(aws.iam.roles().filter(({ name }) => name.startsWith('outbound-auth'))).toEqual([]);
  for (const secretId of [modelSecret, weatherSecret, 'team/other-weather']) {
    expect(aws.secrets.describe(aws.iam.administrator, region, secretId).arn).toContain(secretId);
  }
});
