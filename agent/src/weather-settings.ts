import { type Environment, matching, oneOf, optional, type Rule, urlForKeys } from './variables.ts';

/** Names of the variables that say how the weather service is asked, where there is a key for it. */
export const weatherVariables = {
  weatherBaseUrl: 'WEATHER_BASE_URL',
  weatherUnits: 'WEATHER_UNITS',
  weatherPlace: 'WEATHER_PLACE',
} as const;

export const weatherDefaults = { baseUrl: 'https://api.tomorrow.io/v4', units: 'metric' } as const;

export type WeatherUnits = 'metric' | 'imperial';

export interface WeatherSettings {
  readonly baseUrl: string;
  readonly units: WeatherUnits;
  /** Where the weather is told for when nobody names a place; undefined asks for one. */
  readonly place: string | undefined;
}

/** What is allowed where; the CDK app holds its own settings against the same rules. */
export const weatherRules = {
  baseUrl: {
    allowed: `an https URL such as ${weatherDefaults.baseUrl} (http only on this machine, as the key travels with it)`,
    parse: urlForKeys,
  },
  units: oneOf<WeatherUnits>(['metric', 'imperial']),
  place: {
    allowed: 'a place such as Seoul: one line of up to 200 characters',
    parse: matching(/^[^\p{Cc}\u2028\u2029]{1,200}$/u),
  },
} satisfies Record<string, Rule<string>>;

/**
 * Reads how the weather service is asked.
 *
 * @throws SettingsError for the first variable that is not allowed
 */
export function readWeatherSettings(env: Environment): WeatherSettings {
  const { weatherBaseUrl, weatherUnits, weatherPlace } = weatherVariables;
  return {
    baseUrl: optional(env, weatherBaseUrl, weatherRules.baseUrl) ?? weatherDefaults.baseUrl,
    units: optional<WeatherUnits>(env, weatherUnits, weatherRules.units) ?? weatherDefaults.units,
    place: optional(env, weatherPlace, weatherRules.place),
  };
}

/** The variables that {@link readWeatherSettings} reads these settings from; none for what is not set. */
export function weatherVariablesOf(
  settings: {
    readonly [name in keyof WeatherSettings]?: string | undefined;
  },
): Record<string, string> {
  const { baseUrl, units, place } = settings;
  return {
    ...(units && { [weatherVariables.weatherUnits]: units }),
    ...(place && { [weatherVariables.weatherPlace]: place }),
    ...(baseUrl && { [weatherVariables.weatherBaseUrl]: baseUrl }),
  };
}
