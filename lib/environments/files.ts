import { readFileSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { SettingsError } from '../settings-error.ts';
import { show } from './show.ts';

/** The environments with what their files hold in the place of the files' paths. */
export interface ResolvedEnvironments {
  /** As given, where that is no object: what is wrong with it is for the schema to say. */
  readonly value: unknown;
  /** Paths of files, relative to cdk.json, by the names of the environments that they hold. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Reads the files that environments name: one file holds the settings of one environment, and names no other file. It is
 * a file below the folder of cdk.json, so that what is deployed is in the repository. `$schema` is for editors alone.
 *
 * @param folder the folder of cdk.json, which the paths are relative to
 * @throws SettingsError in one line that names the file
 */
export function resolveFiles(value: unknown, folder: string): ResolvedEnvironments {
  const files = new Map<string, string>();
  if (!isObject(value)) return { value, files };
  const settings = Object.entries(value).map(([name, given]) => {
    if (typeof given !== 'string') return [name, given];
    files.set(name, given);
    return [name, readSettings(name, given, folder)];
  });
  return { value: Object.fromEntries(settings), files };
}

function readSettings(name: string, path: string, folder: string): Record<string, unknown> {
  // A long name of a file looks like a key; what somebody took for settings may be one.
  const setting = `environments.${name}: ${path.endsWith('.json') ? JSON.stringify(path) : show(path)}`;
  const file = resolve(folder, path);
  const below = relative(folder, file);
  if (isAbsolute(path) || isAbsolute(below) || /^\.\.(?:[\\/]|$)/.test(below)) {
    throw new SettingsError(
      `${setting} is outside of the project; give the path of a file below the folder of cdk.json, relative to it.`,
    );
  }
  const parsed = parse(read(file, setting), path);
  if (!isObject(parsed)) {
    throw new SettingsError(
      `${path}: ${show(parsed)} must be a JSON object: the settings of one environment, such as {"secret": "NAME OR ARN"}.`,
    );
  }
  const { $schema: _ofEditors, ...settings } = parsed;
  return settings;
}

function read(file: string, setting: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SettingsError(
      code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR'
        ? `${setting} is no file beside cdk.json; give the settings themselves, or the path of a JSON file that holds them.`
        : `${setting} cannot be read (${code}).`,
    );
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The message of Node.js quotes what the file holds, which may be a key.
    const [where = ''] = /line \d+ column \d+/.exec((error as Error).message) ?? [];
    throw new SettingsError(`${path} is not JSON${where && `: look at ${where}`}.`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
