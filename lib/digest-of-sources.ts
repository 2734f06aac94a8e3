import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A digest of every source that a bundle may be made from, and of the packages that are installed; undefined where
 * another tool than npm installed them, and nothing says what there is.
 *
 * @param project the folder of the checkout
 */
export function digestOfSources(project = join(import.meta.dirname, '..')): string | undefined {
  // npm's own account of what it has installed.
  const installed = join(project, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return undefined;
  const digest = createHash('sha256');
  for (const file of [installed, ...['agent', 'lib'].flatMap((folder) => sourcesBelow(join(project, folder))).sort()]) {
    digest.update(file.slice(project.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return digest.digest('hex').slice(0, 16);
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules' && name !== 'bundle')
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? sourcesBelow(path) : [path];
    });
}
