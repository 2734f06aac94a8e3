import { ServiceError } from '../../../agent/src/tools/service.ts';
import { weatherNow } from '../../../agent/src/tools/weather-service.ts';
import { weatherDefaults } from '../../../agent/src/weather-settings.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { keyInSecret } from '../key-in-secret.ts';
import type { Visit } from '../visit.ts';

const { ok, warning, problem } = findingsOf('weather');

/** Whether the weather service is reached and takes the key of its secret, where the agent's tool has one. */
export async function weatherCheck({ environment, session }: Visit): Promise<Finding[]> {
  const { weather } = environment;
  if (!weather) return [];
  const key = await keyInSecret(session.config, weather);
  if (key === undefined) {
    return [
      warning(
        `The service was not asked: there is no key in ${weather.secret} that could be read.`,
        'Mend the secret first.',
      ),
    ];
  }
  const { place = 'Seoul', baseUrl = weatherDefaults.baseUrl } = weather;
  const remedy = 'Store a working key.';
  const get = async () => key;
  const apiKey = { keyName: `the key in ${weather.secret}`, remedy: '', get, replace: get };
  const who = new URL(baseUrl).host;
  try {
    await weatherNow({ place, settings: { baseUrl, units: weatherDefaults.units }, apiKey });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const found = `${who}: ${error.message.trim()}`;
    if (error.status === 401 || error.status === 403) return [problem(found, remedy)];
    return [warning(found, 'Check "weather" in the settings, and the network and proxy of this machine.')];
  }
  return [ok(`${who} takes the key and knows ${place}.`)];
}
