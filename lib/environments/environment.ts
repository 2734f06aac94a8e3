import * as z from 'zod';
import type { ModelSettings } from '../../agent/src/model-settings.ts';
import { agent } from './agent.ts';
import { credential } from './credential.ts';
import { governance } from './governance.ts';
import { model } from './model.ts';
import { operations } from './operations.ts';
import { placement } from './placement.ts';
import { weather } from './weather.ts';

const settings = z.strictObject({
  ...placement,
  ...credential,
  ...model,
  weather: weather
    .optional()
    .describe(
      "The weather service that the agent's tool asks, with a key of its own. Default: none, and it is always sunny.",
    ),
  ...agent,
  ...operations,
  ...governance,
});

/** The settings of one environment, as they stand in cdk.json or in a file of their own. */
export const environmentSettings = settings.refine(({ openai, azure }) => !openai || !azure, {
  path: ['azure'],
  error: 'cannot be beside openai: an environment asks one provider',
});

const environmentName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,29}$/, 'must be 1 to 30 lower-case letters, digits and hyphens, beginning with a letter');

/** All environments, by name. */
export const environments = z
  .record(environmentName, environmentSettings)
  .refine((all) => Object.keys(all).length > 0, 'must have at least one environment');

/** The settings of one environment, checked and with every default filled in. */
export interface Environment extends Omit<z.output<typeof settings>, 'openai' | 'azure'> {
  readonly name: string;
  readonly runtimeName: string;
  /** From `openai` or `azure`. */
  readonly model: ModelSettings;
}
