import { modelDefaults } from '../../agent/src/model-settings.ts';
import { defaults, readLocalSettings, readRuntimeSettings } from '../../agent/src/settings.ts';
import { tracingDefaults } from '../../agent/src/tracing-settings.ts';
import { weatherDefaults } from '../../agent/src/weather-settings.ts';

const runtime = { CREDENTIAL_PROVIDER_NAME: 'openai-dev', AWS_REGION: 'us-west-2' };

describe('the settings of the agent', () => {
  test('in the runtime need the name of a credential provider and a Region, and have a default for all else', () => {
    expect(readRuntimeSettings(runtime)).toEqual({
      ...defaults,
      ...tracingDefaults,
      weather: weatherDefaults,
      model: { provider: 'openai', ...modelDefaults },
      credentialProviderName: 'openai-dev',
      workloadIdentityName: undefined,
      region: 'us-west-2',
    });
  });

  test('are what the variables say', () => {
    expect(
      readRuntimeSettings({
        ...runtime,
        OPENAI_MODEL_ID: 'gpt-5.4',
        OPENAI_BASE_URL: 'https://gateway.example.com/openai/v1',
        OPENAI_API: 'responses',
        OPENAI_ORG_ID: 'org-AbC123',
        OPENAI_PROJECT_ID: 'proj_XyZ789',
        SYSTEM_PROMPT: 'Speak like a pirate.',
        MODEL_TIMEOUT_SECONDS: '5',
        ANSWER_TIMEOUT_SECONDS: '120',
        IDENTITY_TIMEOUT_SECONDS: '6',
        WORKLOAD_IDENTITY_NAME: 'outbound-auth-dev',
        WEATHER_CREDENTIAL_PROVIDER_NAME: 'weather-dev',
        WEATHER_UNITS: 'imperial',
        WEATHER_PLACE: 'Seoul',
        HOST: '127.0.0.1',
        PORT: '9090',
      }),
    ).toMatchObject({
      model: {
        provider: 'openai',
        api: 'responses',
        modelId: 'gpt-5.4',
        baseUrl: 'https://gateway.example.com/openai/v1',
        organization: 'org-AbC123',
        project: 'proj_XyZ789',
      },
      systemPrompt: 'Speak like a pirate.',
      modelTimeoutSeconds: 5,
      answerTimeoutSeconds: 120,
      identityTimeoutSeconds: 6,
      workloadIdentityName: 'outbound-auth-dev',
      weatherCredentialProviderName: 'weather-dev',
      weather: { units: 'imperial', place: 'Seoul', baseUrl: 'https://api.tomorrow.io/v4' },
      host: '127.0.0.1',
      port: 9090,
    });
  });

  test('take an empty variable for one that is not set', () => {
    expect(readRuntimeSettings({ ...runtime, OPENAI_MODEL_ID: '', SYSTEM_PROMPT: ' ' })).toMatchObject({
      model: modelDefaults,
      systemPrompt: defaults.systemPrompt,
    });
  });

  test.each([
    ['CREDENTIAL_PROVIDER_NAME', '', /is not set, but must be the name of an AgentCore credential provider/],
    ['CREDENTIAL_PROVIDER_NAME', 'open ai', /is "open ai", but must be/],
    ['WORKLOAD_IDENTITY_NAME', 'a/b', /must be the name of an AgentCore workload identity/],
    ['AWS_REGION', 'Oregon', /is "Oregon", but must be an AWS Region such as us-west-2/],
    ['PORT', '80a', /is "80a", but must be a whole number from 0 to 65535/],
    ['PORT', '65536', /is "65536", but must be/],
    ['HOST', 'not a host', /must be an address or host name/],
    ['MODEL_TIMEOUT_SECONDS', '0', /must be a whole number of seconds from 1 to 600/],
    ['ANSWER_TIMEOUT_SECONDS', '3601', /must be a whole number of seconds from 1 to 3600/],
    ['IDENTITY_TIMEOUT_SECONDS', '1.5', /must be a whole number of seconds from 1 to 60/],
    ['OPENAI_MODEL_ID', 'gpt 4', /must be the name of a model/],
    ['OPENAI_PROVIDER', 'anthropic', /is "anthropic", but must be openai or azure/],
    ['OPENAI_API', 'completions', /is "completions", but must be chat or responses/],
    ['OPENAI_ORG_ID', 'my organization', /must be the id of an OpenAI organization such as org-abc/],
    ['OPENAI_PROJECT_ID', 'sk-proj-0123456789abcdef', /must be the id of an OpenAI project such as proj_abc/],
    ['OPENAI_BASE_URL', 'api.openai.com', /must be an https URL/],
    ['OPENAI_BASE_URL', 'http://gateway.example.com/v1', /http only on this machine, as the key travels with it/],
    ['OPENAI_BASE_URL', 'https://user:password@example.com/v1', /must be an https URL/],
    ['WEATHER_CREDENTIAL_PROVIDER_NAME', 'the weather', /must be the name of an AgentCore credential provider/],
    ['WEATHER_UNITS', 'kelvin', /must be metric or imperial/],
    ['WEATHER_PLACE', 'Seoul\u2028Busan', /must be a place such as Seoul/],
    ['WEATHER_BASE_URL', 'http://weather.example/v4', /must be an https URL such as https:\/\/api\.tomorrow\.io\/v4/],
  ])('refuse %s = "%s" in one line that names it', (name, value, message) => {
    const read = () => readRuntimeSettings({ ...runtime, [name]: value });
    expect(read).toThrow(message);
    expect(read).toThrow(new RegExp(`^${name} .*\\.$`));
  });

  test.each(['http://localhost:4010/v1', 'http://127.0.0.1:4010/v1', 'http://[::1]:4010/v1'])(
    'allow http on this machine: %s',
    (url) => expect(readRuntimeSettings({ ...runtime, OPENAI_BASE_URL: url }).model).toMatchObject({ baseUrl: url }),
  );

  test('never show a key that somebody put into the wrong variable', () => {
    expect(() => readRuntimeSettings({ ...runtime, CREDENTIAL_PROVIDER_NAME: 'sk-proj-secret secret' })).toThrow(
      /^(?!.*proj-secret).*\[redacted\]/,
    );
  });

  test.each([
    ['in the runtime', () => readRuntimeSettings({ ...runtime, NODE_DEBUG: 'net' })],
    ['for the local experiment', () => readLocalSettings({ OPENAI_API_KEY: 'sk-any', NODE_DEBUG: 'stream' })],
  ])('%s must not have the debug log of Node.js on, which holds what is read from a socket', (_, read) => {
    expect(read).toThrow('NODE_DEBUG must not be set: with it Node.js writes what the agent reads, the key included.');
  });

  test('for the local experiment with Azure need the key of Azure', () => {
    const azure = {
      OPENAI_PROVIDER: 'azure',
      AZURE_OPENAI_ENDPOINT: 'https://my-resource.openai.azure.com',
      AZURE_OPENAI_DEPLOYMENT: 'my-deployment',
    };
    expect(readLocalSettings({ ...azure, AZURE_OPENAI_API_KEY: 'a-key' })).toMatchObject({ apiKey: 'a-key' });
    expect(() => readLocalSettings({ ...azure, OPENAI_API_KEY: 'sk-1' })).toThrow(/^AZURE_OPENAI_API_KEY is not set/);
  });

  test('for the local experiment need the key and no credential provider', () => {
    expect(readLocalSettings({ OPENAI_API_KEY: 'sk-1' })).toMatchObject({ apiKey: 'sk-1', model: modelDefaults });
    expect(() => readLocalSettings({})).toThrow(/^OPENAI_API_KEY is not set/);
    const azure = {
      OPENAI_PROVIDER: 'azure',
      AZURE_OPENAI_ENDPOINT: 'https://my-team.openai.azure.com',
      AZURE_OPENAI_DEPLOYMENT: 'my-mini',
    };
    expect(() => readLocalSettings({ ...azure, OPENAI_API_KEY: 'sk-1' })).toThrow(/^AZURE_OPENAI_API_KEY is not set/);
    expect(readLocalSettings({ ...azure, AZURE_OPENAI_API_KEY: 'k' })).toMatchObject({ apiKey: 'k' });
    expect(() => readLocalSettings({ OPENAI_API_KEY: 'two lines\nsk-1' })).toThrow(
      /^(?!.*two).*OPENAI_API_KEY must be/,
    );
  });
});
