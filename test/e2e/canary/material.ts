import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes to search, and where they were found: a path, for example, which is searched too. */
export interface Material {
  readonly where: string;
  readonly bytes: Buffer;
}

/** A text, or a value as JSON. */
export function material(where: string, content: unknown): Material {
  return { where, bytes: Buffer.from(typeof content === 'string' ? content : (JSON.stringify(content) ?? '')) };
}

/** Every file below a folder. */
export function filesBelow(folder: string): Material[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ where: path, bytes: readFileSync(path) }));
}

/** Every file of a checkout that git does not ignore. */
export function filesOfCheckout(folder: string): Material[] {
  return execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: folder })
    .toString()
    .split('\0')
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path) && statSync(path).isFile())
    .map((path) => ({ where: path, bytes: readFileSync(path) }));
}
