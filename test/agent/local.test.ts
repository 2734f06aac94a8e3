import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type OfflineModel, startOfflineModel } from '../../offline-model/index.ts';
import { seoulInWords, startWeatherService } from '../support/weather-service.ts';
import { azureV1Responses } from './support/providers/routes.ts';
import { startProvider } from './support/providers/stand-in.ts';

const local = join(import.meta.dirname, '../../agent/src/local.ts');
let model: OfflineModel;

beforeAll(async () => {
  model = await startOfflineModel();
});
afterAll(() => model.close());

const azureWithoutKey = {
  OPENAI_PROVIDER: 'azure',
  OPENAI_BASE_URL: '',
  AZURE_OPENAI_ENDPOINT: 'https://my-resource.openai.azure.com',
  AZURE_OPENAI_DEPLOYMENT: 'my-deployment',
};

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [local, ...args], {
    env: { OPENAI_API_KEY: model.key, OPENAI_BASE_URL: model.url, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { stdout, stderr, status };
}

describe('the local experiment', () => {
  test('asks the agent with the key from the environment, and needs no AWS', async () => {
    expect(await run(['{"prompt": "How much is 2X2?"}'])).toEqual({ stdout: '2*2 = 4.\n', stderr: '', status: 0 });
  });

  test('asks a weather service with the key from the environment; without one it is sunny', async () => {
    const weather = await startWeatherService((key) => key === 'weather-key-0123456789');
    const ask = (WEATHER_API_KEY: string) =>
      run(['{"prompt": "What is the weather in Seoul?"}'], { WEATHER_BASE_URL: weather.url, WEATHER_API_KEY });
    expect(await ask('weather-key-0123456789')).toEqual({ stdout: `${seoulInWords}\n`, stderr: '', status: 0 });
    expect((await ask('')).stdout).toBe('The weather in Seoul is sunny.\n');
    const { stdout } = await ask('weather-key-that-is-wrong');
    expect(stdout).toMatch(/refused the key in WEATHER_API_KEY\. Set WEATHER_API_KEY to a working key\.$/m);
    expect(stdout).not.toContain('weather-key');
    await weather.close();
  });

  test('asks Azure OpenAI with its own key', async () => {
    const provider = await startProvider(azureV1Responses);
    provider.answers.push({ text: 'Hello from Azure.', usage: { input: 1, output: 1 } });
    const azure = {
      ...azureV1Responses.variables(provider.url),
      AZURE_OPENAI_API_KEY: provider.key,
      OPENAI_BASE_URL: '',
    };
    const ended = await run(['{"prompt": "Hi"}'], azure);
    await provider.close();
    expect(ended).toEqual({ stdout: 'Hello from Azure.\n', stderr: '', status: 0 });
    expect(provider.faults).toEqual([]);
  });

  test('explains itself', async () => {
    const { stdout, status } = await run(['--help'], { OPENAI_API_KEY: '' });
    expect(status).toBe(0);
    expect(stdout).toContain(`npm run agent -- '{"prompt": "What is the weather now?"}'`);
    expect(stdout).toMatch(/^ {2}OPENAI_API_KEY /m);
    expect(stdout).toMatch(/^ {2}AZURE_OPENAI_API_KEY /m);
  });

  test.each([
    ['no payload', [], {}, /Give the payload as one argument/],
    ['two arguments', ['{"prompt":', '"Hi"}'], {}, /Give the payload as one argument/],
    ['a payload that is not JSON', ['What is the weather?'], {}, /is not JSON/],
    ['a payload without a prompt', ['{}'], {}, /has no "prompt"/],
    ['an empty prompt', ['{"prompt": ""}'], {}, /has an empty "prompt"/],
    ['no key', ['{"prompt": "Hi"}'], { OPENAI_API_KEY: '' }, /^OPENAI_API_KEY is not set/],
    [
      'a weather key of two lines',
      ['{"prompt": "Hi"}'],
      { WEATHER_API_KEY: 'sk-wrong-\n0123456789' },
      /^WEATHER_API_KEY must be one line/,
    ],
    ['no key of Azure', ['{"prompt": "Hi"}'], azureWithoutKey, /^AZURE_OPENAI_API_KEY is not set/],
    ['a wrong setting', ['{"prompt": "Hi"}'], { OPENAI_BASE_URL: 'nowhere' }, /^OPENAI_BASE_URL is "nowhere"/],
    [
      'a key that is refused',
      ['{"prompt": "Hi"}'],
      { OPENAI_API_KEY: 'sk-wrong-0123456789' },
      /refused the key in OPENAI_API_KEY/,
    ],
    [
      'a provider that is not there',
      ['{"prompt": "Hi"}'],
      { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' },
      /could not be reached/,
    ],
  ])('with %s says so in one line and ends with status 1', async (_what, args, env, message) => {
    const { stdout, stderr, status } = await run(args, env);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).not.toContain('sk-wrong');
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
  });
});
