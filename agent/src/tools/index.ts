import type { ApiKeySource } from '../api-key.ts';
import type { AgentSettings } from '../settings.ts';
import { calculator } from './calculator.ts';
import { createWeather } from './weather.ts';

/** The keys of the services that tools ask, for one request; undefined where none is configured. */
export interface ToolKeys {
  readonly weather: ApiKeySource | undefined;
}

/** What tools may know of the request that they work for. */
export interface ToolContext {
  readonly settings: AgentSettings;
  readonly keys: ToolKeys;
}

/** The tools of the agent, for one request: add yours here. */
export function createTools({ settings, keys }: ToolContext) {
  return [calculator, createWeather(settings.weather, keys.weather)];
}
