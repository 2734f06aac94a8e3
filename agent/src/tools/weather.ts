import { tool } from '@strands-agents/sdk';
import { z } from 'zod';
import type { ApiKeySource } from '../api-key.ts';
import type { WeatherSettings } from '../weather-settings.ts';
import { weatherNow } from './weather-service.ts';

/**
 * Tells the weather: with the key of a weather service what that says, without one, as in the tutorial, that it is sunny.
 *
 * @param apiKey of the weather service; undefined without one
 */
export function createWeather(settings: WeatherSettings, apiKey: ApiKeySource | undefined) {
  return tool({
    name: 'weather',
    description: 'Tells the weather now.',
    inputSchema: z.object({
      place: z
        .string()
        .max(200)
        .optional()
        .describe(`A city or region, such as Seoul. ${withoutPlace(settings, apiKey)}`),
    }),
    callback: ({ place: given }, context) => {
      const place = given?.trim();
      if (!apiKey) return place ? `The weather in ${place} is sunny.` : 'The weather is sunny.';
      const asked = place || settings.place;
      if (!asked) throw new Error('No place is given: ask the user for one.');
      return weatherNow({ place: asked, settings, apiKey, signal: context?.cancelSignal });
    },
  });
}

function withoutPlace({ place }: WeatherSettings, apiKey: ApiKeySource | undefined): string {
  if (!apiKey) return 'Leave out for the weather here.';
  return place ? `Leave out for the weather in ${place}.` : 'If the user names none, ask for it.';
}
