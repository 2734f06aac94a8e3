import { z } from 'zod';
import type { ApiKeySource } from '../api-key.ts';
import type { WeatherSettings, WeatherUnits } from '../weather-settings.ts';
import { askService, ServiceError } from './service.ts';

const service = 'The weather service';

/** Where and how the weather is asked for. */
export interface WeatherQuestion {
  readonly place: string;
  readonly settings: Pick<WeatherSettings, 'baseUrl' | 'units'>;
  readonly apiKey: ApiKeySource;
  /** Aborted when nobody waits any more. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks Tomorrow.io for the weather now, with the key in a header.
 *
 * @returns one sentence, such as `The weather in Seoul: light rain, 21.3 °C, feels like 20.9 °C.`
 * @throws ServiceError
 * @see https://docs.tomorrow.io/reference/realtime-weather
 * @see https://docs.tomorrow.io/reference/api-authentication
 */
export async function weatherNow({ place, settings, apiKey, signal }: WeatherQuestion): Promise<string> {
  const url = new URL(`${settings.baseUrl.replace(/\/+$/, '')}/weather/realtime`);
  url.searchParams.set('location', place);
  url.searchParams.set('units', settings.units);
  try {
    const headers = (key: string) => ({ apikey: key });
    return tell(await askService({ service, url, apiKey, headers, signal }), place, settings.units);
  } catch (error) {
    if (!(error instanceof ServiceError) || (error.status !== 400 && error.status !== 404)) throw error;
    throw new ServiceError(`${service} knows no such place: give a city and its country.`, error.status);
  }
}

const number = z.number().optional();
const realtime = z.object({
  data: z.object({
    values: z.object({
      temperature: z.number(),
      temperatureApparent: number,
      humidity: number,
      windSpeed: number,
      weatherCode: number,
    }),
  }),
  location: z.object({ name: z.string().optional() }).optional(),
});

const unitsOf: Readonly<Record<WeatherUnits, { readonly temperature: string; readonly speed: string }>> = {
  metric: { temperature: '°C', speed: 'm/s' },
  imperial: { temperature: '°F', speed: 'mph' },
};

/** The parts of an answer that are told, and no text of its own but the name of the place. */
function tell(answer: unknown, place: string, units: WeatherUnits): string {
  const parsed = realtime.safeParse(answer);
  if (!parsed.success) throw new ServiceError(`${service} sent an answer that cannot be read.`);
  const { data, location } = parsed.data;
  const { temperature, temperatureApparent, humidity, windSpeed, weatherCode } = data.values;
  const unit = unitsOf[units];
  const parts = [
    weatherCode === undefined ? undefined : conditions[weatherCode],
    `${temperature} ${unit.temperature}`,
    temperatureApparent === undefined ? undefined : `feels like ${temperatureApparent} ${unit.temperature}`,
    humidity === undefined ? undefined : `humidity ${humidity} %`,
    windSpeed === undefined ? undefined : `wind ${windSpeed} ${unit.speed}`,
  ];
  return `The weather in ${nameOf(location?.name) || place}: ${parts.filter(Boolean).join(', ')}.`;
}

/** One short line: what a service says must not read like instructions to the model. */
function nameOf(name = ''): string {
  const line = name.replace(/[^\p{L}\p{M}\p{N},.'()-]+/gu, ' ');
  return line.trim().slice(0, 80).trim();
}

/** @see https://docs.tomorrow.io/reference/data-layers-weather-codes */
const conditions: Readonly<Record<number, string>> = {
  1000: 'clear',
  1001: 'cloudy',
  1100: 'mostly clear',
  1101: 'partly cloudy',
  1102: 'mostly cloudy',
  2000: 'fog',
  2100: 'light fog',
  4000: 'drizzle',
  4001: 'rain',
  4200: 'light rain',
  4201: 'heavy rain',
  5000: 'snow',
  5001: 'flurries',
  5100: 'light snow',
  5101: 'heavy snow',
  6000: 'freezing drizzle',
  6001: 'freezing rain',
  6200: 'light freezing rain',
  6201: 'heavy freezing rain',
  7000: 'ice pellets',
  7101: 'heavy ice pellets',
  7102: 'light ice pellets',
  8000: 'thunderstorm',
};
