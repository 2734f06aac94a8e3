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

/** Qualifier of the bootstrap that an environment is deployed by: its own, that of cdk.json for all, or CDK's. */
export function qualifierOf(
  { bootstrapQualifier }: Pick<Environment, 'bootstrapQualifier'>,
  file = join(projectFolder, 'cdk.json'),
): string {
  const { '@aws-cdk/core:bootstrapQualifier': ofApp } = readContext(file);
  return bootstrapQualifier ?? (typeof ofApp === 'string' ? ofApp : defaultQualifier);
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

interface Context {
  readonly environments?: unknown;
  readonly '@aws-cdk/core:bootstrapQualifier'?: unknown;
}

function readContext(file: string): Context {
  return (JSON.parse(readFileSync(file, 'utf8')) as { context?: Context }).context ?? {};
}
