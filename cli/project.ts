import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, readEnvironments } from '../lib/environments.ts';
import { UserError } from './user-error.ts';

/** The folder that holds cdk.json. */
export const projectFolder = join(import.meta.dirname, '..');

/**
 * The settings of an environment, as the CDK app reads them.
 *
 * @param file another cdk.json
 * @throws UserError for an environment that cdk.json does not have, SettingsError for one that is wrong
 */
export function readEnvironment(name: string, file = join(projectFolder, 'cdk.json')): Environment {
  const { context } = JSON.parse(readFileSync(file, 'utf8')) as {
    context?: { environments?: unknown };
  };
  const environments = readEnvironments(context?.environments);
  const environment = environments.find((each) => each.name === name);
  if (!environment) {
    const known = environments.map((each) => each.name).join(', ');
    throw new UserError(`There is no environment "${name}" in cdk.json; there is: ${known}.`);
  }
  return environment;
}
