import { type OfflineModel, startOfflineModel } from '../../../offline-model/index.ts';
import { startWeatherService } from '../../support/weather-service.ts';
import { admit, key, type Patient, printed, region, secretName } from './patient.ts';

let patient: Patient;
let model: OfflineModel;

beforeEach(async () => {
  process.env.AWS_REGION = region;
  [patient, model] = await Promise.all([admit(), startOfflineModel()]);
  patient.settings = { openai: { baseUrl: model.url } };
});
afterEach(() => Promise.all([patient.aws.close(), model.close()]));

const ofModel = (verify?: boolean) => of('model', verify);
async function of(check: string, verify = true): Promise<string[]> {
  const findings = await patient.examine(verify);
  expect(JSON.stringify(findings)).not.toContain(key);
  return findings.filter((each) => each.check === check).map(printed);
}
const host = () => new URL(model.url).host;

test('is asked with --verify only', async () => {
  expect(await ofModel(false)).toEqual([]);
  expect(model.requests).toEqual([]);
});

test('takes the key of the secret', async () => {
  patient.store(JSON.stringify({ apiKey: model.key }));
  expect(await ofModel()).toEqual([`✓ model: ${host()} takes the key and has the model gpt-4.1-mini.`]);
});

test('takes the key that is the whole text of a secret', async () => {
  patient.settings = { ...patient.settings, source: 'copy' };
  patient.store(model.key);
  expect(await ofModel()).toEqual([`✓ model: ${host()} takes the key and has the model gpt-4.1-mini.`]);
});

test('refuses the key', async () => {
  expect(await ofModel()).toEqual([
    `✗ model: ${host()} refuses the key (HTTP 401). → Get a working key from the provider.`,
  ]);
});

test('is not reached, which may be for this machine only', async () => {
  patient.settings = { openai: { baseUrl: 'http://127.0.0.1:1/v1' } };
  expect(await ofModel()).toEqual([
    expect.stringMatching(/^! model: 127\.0\.0\.1:1 could not be reached from this machine \(.*\)\. → Check the URL/),
  ]);
});

test.each([
  ['a placeholder', () => patient.store(JSON.stringify({ apiKey: 'changeme' }))],
  ['no value', () => patient.store(undefined)],
])('is not asked with %s', async (_what, infect) => {
  infect();
  expect(await ofModel()).toEqual([
    `! model: The provider was not asked: there is no key in ${secretName} that could be read. → Mend the secret first.`,
  ]);
  expect(model.requests).toEqual([]);
});

describe('the weather service', () => {
  let service: Awaited<ReturnType<typeof startWeatherService>>;

  beforeEach(async () => {
    service = await startWeatherService((key) => key === 'a-key-of-the-weather');
    patient.settings = { ...patient.settings, weather: { secret: 'team/weather', baseUrl: service.url } };
    patient.store(JSON.stringify({ apiKey: 'a-key-of-the-weather' }), { name: 'team/weather' });
  });
  afterEach(() => service.close());

  test('takes its key', async () => {
    expect(await of('weather')).toEqual([`✓ weather: ${new URL(service.url).host} takes the key and knows Seoul.`]);
  });

  test('refuses its key', async () => {
    patient.store(JSON.stringify({ apiKey: key }), { name: 'team/weather' });
    expect(await of('weather')).toEqual([
      `✗ weather: ${new URL(service.url).host}: The weather service refused the key in team/weather. → Store a working key.`,
    ]);
  });

  test('knows no such place', async () => {
    const weather = { secret: 'team/weather', baseUrl: service.url, place: 'Nowhere' };
    patient.settings = { ...patient.settings, weather };
    expect(await of('weather')).toEqual([
      `! weather: ${new URL(service.url).host}: The weather service knows no such place: give a city and its country. → Check "weather" in the settings, and the network and proxy of this machine.`,
    ]);
  });

  test('is not asked without a key, nor for an agent that has none', async () => {
    patient.store(undefined, { name: 'team/weather' });
    expect(await of('weather')).toEqual([
      '! weather: The service was not asked: there is no key in team/weather that could be read. → Mend the secret first.',
    ]);
    patient.settings = { openai: { baseUrl: model.url } };
    expect(await of('weather')).toEqual([]);
    expect(service.requests).toEqual([]);
  });
});
