import * as z from 'zod';
import type { ModelSettings } from '../../agent/src/model-settings.ts';
import { agent } from './agent.ts';
import { credential } from './credential.ts';
import { governance } from './governance.ts';
import { model } from './model.ts';
import { operations } from './operations.ts';
import { placement } from './placement.ts';
import { weather } from './weather.ts';

/** Every setting, in the groups that people look for them in. */
export const settingGroups = {
  'Where it lives': placement,
  'The key': credential,
  'The model': model,
  'The weather': {
    weather: weather
      .optional()
      .describe(
        "The weather service that the agent's tool asks, with a key of its own: `secret` and any other setting of a key. Default: none, and it is always sunny.",
      ),
  },
  'The agent': agent,
  'In operation': operations,
  'What the account demands': governance,
};

const settings = z.strictObject({
  ...settingGroups['Where it lives'],
  ...settingGroups['The key'],
  ...settingGroups['The model'],
  ...settingGroups['The weather'],
  ...settingGroups['The agent'],
  ...settingGroups['In operation'],
  ...settingGroups['What the account demands'],
});

/** The settings of one environment, as they stand in cdk.json or in a file of their own. */
export const environmentSettings = settings.refine(({ openai, azure }) => !openai || !azure, {
  path: ['azure'],
  error: 'cannot be beside openai: an environment asks one provider',
});

export const environmentName = z
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
