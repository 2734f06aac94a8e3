import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
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
  const sources = globSync('{agent,lib}/**/*', {
    cwd: project,
    withFileTypes: true,
    exclude: ({ name }) => name === 'node_modules' || name === 'bundle',
  });
  const files = sources.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const digest = createHash('sha256');
  for (const file of [installed, ...files.sort()]) {
    digest.update(file.slice(project.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return digest.digest('hex').slice(0, 16);
}
