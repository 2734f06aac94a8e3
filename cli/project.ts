import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ModelSettings } from '../agent/src/model-settings.ts';
import { type Environment, readEnvironments, resolveFiles } from '../lib/environments/index.ts';
import { defaultQualifier } from '../lib/policies/index.ts';
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
  const environments = readAllEnvironments(file);
  const environment = environments.find((each) => each.name === name);
  if (!environment) {
    const known = environments.map((each) => each.name).join(', ');
    throw new UserError(`There is no environment "${name}" in cdk.json; there is: ${known}.`);
  }
  return environment;
}

/** The settings of every environment. */
export function readAllEnvironments(file = join(projectFolder, 'cdk.json')): Environment[] {
  return readEnvironments(readContext(file).environments, dirname(file));
}

/** The arguments of `cdk` by which an environment has another model than cdk.json says, all else being the same. */
export function contextWithModel(
  name: string,
  { provider, ...settings }: ModelSettings,
  file = join(projectFolder, 'cdk.json'),
): string[] {
  const { openai: _openai, azure: _azure, ...others } = settingsOf(name, file);
  return ['--context', `environments=${JSON.stringify({ [name]: { ...others, [provider]: settings } })}`];
}

/** The settings as they are written, wherever they stand. */
function settingsOf(name: string, file: string): { openai?: unknown; azure?: unknown } {
  const { value } = resolveFiles(readContext(file).environments, dirname(file));
  return (value as Record<string, { openai?: unknown; azure?: unknown }>)[name] ?? {};
}

/** The qualifier of the `cdk bootstrap` that an environment is deployed by: its own, that of the app, or CDK's. */
export function qualifierOf(
  { bootstrapQualifier }: Pick<Environment, 'bootstrapQualifier'>,
  file = join(projectFolder, 'cdk.json'),
): string {
  const ofApp = readContext(file)['@aws-cdk/core:bootstrapQualifier'];
  return bootstrapQualifier ?? (typeof ofApp === 'string' ? ofApp : defaultQualifier);
}

function readContext(file: string): Readonly<Record<string, unknown>> {
  const { context } = JSON.parse(readFileSync(file, 'utf8')) as { context?: Record<string, unknown> };
  return context ?? {};
}
