import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Map<string, string>();

/**
 * A temporary folder that holds a bundle until this process ends, built once however many environments use it.
 * (CDK copies it into cdk.out under the hash of its content.)
 *
 * @param name which bundle
 * @param build fills the folder
 */
export function bundleFolder(name: string, build: (folder: string) => void): string {
  const built = folders.get(name);
  if (built) return built;
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  try {
    build(folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  if (folders.size === 0) {
    process.once('exit', () => {
      for (const each of folders.values()) rmSync(each, { recursive: true, force: true });
    });
  }
  folders.set(name, folder);
  return folder;
}
