import * as z from 'zod';
import { weatherDefaults, weatherRules } from '../../agent/src/weather-settings.ts';
import { credential } from './credential.ts';
import { agentSetting } from './rules.ts';

/** The weather service of the agent's tool. */
export const weather = z.strictObject({
  ...credential,
  units: agentSetting(weatherRules.units)
    .default(weatherDefaults.units)
    .describe('`metric`: degrees Celsius and metres a second, or `imperial`: Fahrenheit and miles an hour.'),
  place: agentSetting(weatherRules.place)
    .optional()
    .describe('Where the weather is told for when nobody names a place. Default: the agent asks for one.'),
  baseUrl: agentSetting(weatherRules.baseUrl)
    .optional()
    .describe("Where the service is, for a proxy. Default: Tomorrow.io's own."),
});
