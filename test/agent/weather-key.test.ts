import { type OfflineModel, startOfflineModel } from '../../offline-model/index.ts';
import { seoulInWords, startWeatherService } from '../support/weather-service.ts';
import { bundleAgent } from './support/bundle-agent.ts';
import { startIdentityStandIn } from './support/identity-stand-in.ts';
import { RunningAgent, tokenHeader, until, workloadAccessToken } from './support/running-agent.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const modelKey = 'sk-model-key-0123456789';
const weatherKey = 'weather-key-0123456789';
const question = 'What is the weather in Seoul?';

const folder = temporaryFolder();
let keysOfModel: string[];
let weatherKeys: Set<string>;
let model: OfflineModel;
let weather: Awaited<ReturnType<typeof startWeatherService>>;
let identity: Awaited<ReturnType<typeof startIdentityStandIn>>;
let agent: RunningAgent;

beforeAll(() => bundleAgent(folder.path));

beforeEach(async () => {
  keysOfModel = [];
  weatherKeys = new Set([weatherKey]);
  model = await startOfflineModel({
    acceptsKey: (key) => {
      keysOfModel.push(key);
      return key === modelKey;
    },
  });
  weather = await startWeatherService((key) => weatherKeys.has(key));
  identity = await startIdentityStandIn(modelKey);
  identity.otherKeys['weather-test'] = weatherKey;
  agent = await start({});
});

afterEach(async () => {
  await agent.stop();
  await Promise.all([model.close(), weather.close(), identity.close()]);
});

afterAll(() => folder.remove());

const start = (env: Readonly<Record<string, string>>) =>
  RunningAgent.start(folder.path, {
    AWS_ENDPOINT_URL: identity.url,
    OPENAI_BASE_URL: model.url,
    WEATHER_CREDENTIAL_PROVIDER_NAME: 'weather-test',
    WEATHER_BASE_URL: weather.url,
    ...env,
  });

async function restart(env: Readonly<Record<string, string>>): Promise<void> {
  await agent.stop();
  agent = await start(env);
}

const fetchedFor = () => identity.requests.map(({ resourceCredentialProviderName: name }) => name);
const keysOfWeather = () => weather.requests.map(({ headers }) => headers.apikey);

describe('an agent with a credential provider for its weather tool', () => {
  test('answers with what the weather service says', async () => {
    expect(await agent.ask(question)).toBe(seoulInWords);
  });

  test('gets each key by its own provider, with the token of the request, and mixes them up nowhere', async () => {
    await agent.ask(question);
    expect(identity.requests).toEqual([
      { workloadIdentityToken: workloadAccessToken, resourceCredentialProviderName: 'openai-test' },
      { workloadIdentityToken: workloadAccessToken, resourceCredentialProviderName: 'weather-test' },
    ]);
    expect(new Set(keysOfModel)).toEqual(new Set([modelKey]));
    expect(keysOfWeather()).toEqual([weatherKey]);
    expect(JSON.stringify(weather.requests)).not.toContain(modelKey);
    for (const key of [modelKey, weatherKey, workloadAccessToken]) expect(agent.output).not.toContain(key);
  });

  test('gets the weather key only when the tool is called, and once for many questions', async () => {
    await agent.ask('How much is 2X2?');
    expect(fetchedFor()).toEqual(['openai-test']);
    identity.delay = 50;
    const answers = await Promise.all(Array.from({ length: 5 }, () => agent.ask(question)));
    expect(answers).toEqual(Array(5).fill(seoulInWords));
    expect(fetchedFor()).toEqual(['openai-test', 'weather-test']);
  });

  test('uses a new weather key at once, when the old one is refused, and leaves the model’s where it is', async () => {
    expect(await agent.ask(question)).toBe(seoulInWords);
    weatherKeys = new Set(['weather-key-of-today']);
    identity.otherKeys['weather-test'] = 'weather-key-of-today';
    expect(await agent.ask(question)).toBe(seoulInWords);
    expect(keysOfWeather()).toEqual([weatherKey, weatherKey, 'weather-key-of-today']);
    expect(fetchedFor()).toEqual(['openai-test', 'weather-test', 'weather-test']);
  });

  test('uses a new key of the model at once, and leaves the weather’s where it is', async () => {
    expect(await agent.ask(question)).toBe(seoulInWords);
    await model.close();
    model = await startOfflineModel({ acceptsKey: (key) => key === 'sk-model-key-of-today' });
    await restart({ OPENAI_BASE_URL: model.url });
    identity.requests.length = 0;
    expect(await agent.ask(question)).toMatchObject({ error: { code: 'ModelKeyRefused' } });
    identity.key = 'sk-model-key-of-today';
    expect(await agent.ask(question)).toBe(seoulInWords);
    expect(fetchedFor().filter((name) => name === 'weather-test')).toHaveLength(1);
  });
});

describe('where AgentCore Identity does not give the weather key', () => {
  const arn = 'arn:aws:sts::123456789012:assumed-role/agent/session';
  const denied = { status: 403, name: 'AccessDeniedException', message: `User: ${arn} is not authorized` };

  beforeEach(() => {
    identity.errors['weather-test'] = denied;
  });

  test('the model learns that, and nothing of the account; whatever else is asked is answered', async () => {
    const answer = await agent.ask(question);
    expect(answer).toMatch(/weather service cannot be asked now: the agent did not get the key for it\.$/);
    expect(answer).not.toContain('arn:');
    expect(weather.requests).toHaveLength(0);
    expect(await agent.ask('How much is 2X2?')).toBe('2*2 = 4.');
  });

  test('the log says why, with the session, and the invocation has succeeded all the same', async () => {
    await agent.ask(question, {
      headers: { ...tokenHeader, 'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id': 'session-1' },
    });
    await until(() => agent.invocationLog.length > 0);
    expect(agent.log.find(({ message }) => message === 'tool has no key')).toMatchObject({
      level: 'warn',
      sessionId: 'session-1',
      code: 'ApiKeyAccessDenied',
      reason: expect.stringContaining(arn),
    });
    expect(agent.invocationLog).toMatchObject([{ message: 'invocation succeeded' }]);
  });

  test('the next question asks again', async () => {
    await agent.ask(question);
    delete identity.errors['weather-test'];
    expect(await agent.ask(question)).toBe(seoulInWords);
  });
});

test('where the model’s key is denied, the weather’s is not even fetched', async () => {
  identity.errors['openai-test'] = { status: 403, name: 'AccessDeniedException', message: 'No.' };
  expect(await agent.ask(question)).toMatchObject({ error: { code: 'ApiKeyAccessDenied' } });
  expect(fetchedFor()).not.toContain('weather-test');
  expect(weather.requests).toHaveLength(0);
});

test('a key that the weather service refuses is named by its provider, in the answer and in the log, and shown in neither', async () => {
  identity.otherKeys['weather-test'] = 'weather-key-that-is-wrong';
  const answer = await agent.ask(question);
  expect(answer).toMatch(/refused the key of credential provider "weather-test"/);
  await until(() => agent.invocationLog.length > 0);
  expect(agent.log.find(({ message }) => message === 'tool key refused')).toMatchObject({
    reason: expect.stringContaining('credential provider "weather-test"'),
  });
  expect(`${answer}${agent.output}`).not.toContain('weather-key-that');
});

describe('without a place', () => {
  test('the model is told to ask for one', async () => {
    expect(await agent.ask('What is the weather now?')).toMatch(/No place is given: ask the user for one\.$/);
    expect(weather.requests).toHaveLength(0);
  });

  test('it is that of the settings', async () => {
    await restart({ WEATHER_PLACE: 'Seoul' });
    expect(await agent.ask('What is the weather now?')).toBe(seoulInWords);
  });
});

describe('without a credential provider for the tool', () => {
  beforeEach(() => restart({ WEATHER_CREDENTIAL_PROVIDER_NAME: '' }));

  test.each([
    [question, 'The weather in Seoul is sunny.'],
    ['What is the weather now?', 'The weather is sunny.'],
  ])('%s: %s', async (asked, sunny) => {
    expect(await agent.ask(asked)).toBe(sunny);
    expect(fetchedFor()).toEqual(['openai-test']);
    expect(weather.requests).toHaveLength(0);
  });
});

describe('for callers without a user', () => {
  beforeEach(() => restart({ WORKLOAD_IDENTITY_NAME: 'outbound-auth-test' }));

  test('both keys are fetched with a token of the agent’s own', async () => {
    expect(await agent.ask(question, { headers: {} })).toBe(seoulInWords);
    expect(identity.requests.map(({ workloadIdentityToken }) => workloadIdentityToken)).toEqual([
      'own-token-1',
      'own-token-1',
    ]);
  });
});
