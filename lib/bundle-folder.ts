import { cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOfSources } from './digest-of-sources.ts';

/** Of this checkout, and in no other; what is in it may be deleted at any time. */
const cache = join(import.meta.dirname, '../.cache/bundles');

const folders = new Map<string, string>();

/**
 * A folder that holds a bundle: built once however many environments use it, and kept for the next synth, as long as no
 * source and no installed package changes. (CDK copies it into cdk.out under the hash of its content.)
 *
 * @param name which bundle
 * @param build fills the folder
 */
export function bundleFolder(name: string, build: (folder: string) => void): string {
  const folder = folders.get(name) ?? findOrBuild(name, build);
  folders.set(name, folder);
  return folder;
}

function findOrBuild(name: string, build: (folder: string) => void): string {
  const digest = digestOfSources();
  const kept = join(cache, `${name}-${digest}`);
  if (digest && existsSync(kept)) return kept;
  const temporary = mkdtempSync(join(tmpdir(), `${name}-`));
  const removeTemporary = () => rmSync(temporary, { recursive: true, force: true });
  process.once('exit', removeTemporary);
  try {
    build(temporary);
  } catch (error) {
    removeTemporary();
    throw error;
  }
  return digest && keep(temporary, kept) ? kept : temporary;
}

/** @returns false where the checkout cannot be written to */
function keep(folder: string, kept: string): boolean {
  // Whoever finds the folder finds all of it.
  const copy = `${kept}.${process.pid}`;
  try {
    cpSync(folder, copy, { recursive: true });
    renameSync(copy, kept);
    forgetFormer(kept);
  } catch {
    rmSync(copy, { recursive: true, force: true });
  }
  // Another process may have been quicker.
  return existsSync(kept);
}

/** Those of other sources: there would be one for each change that was ever tried. */
function forgetFormer(kept: string): void {
  const withoutDigest = (folder: string) => folder.replace(/-[^-]*$/, '');
  for (const name of readdirSync(cache)) {
    const folder = join(cache, name);
    if (folder !== kept && withoutDigest(folder) === withoutDigest(kept)) rmSync(folder, { recursive: true });
  }
}
