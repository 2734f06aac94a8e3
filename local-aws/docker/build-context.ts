import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileIgnoreFile } from './ignore-file.ts';

/** One entry of a build context, by its path from there. */
export interface ContextEntry {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'other';
}

/**
 * Lists what a build may copy: everything below a folder, without what its .dockerignore leaves out.
 *
 * @param dockerfile the path of the Dockerfile, whose own `DOCKERFILE.dockerignore` comes first
 */
export async function readBuildContext(root: string, dockerfile: string): Promise<ContextEntry[]> {
  const ignored = compileIgnoreFile(
    (await readIfThere(`${dockerfile}.dockerignore`)) ?? (await readIfThere(join(root, '.dockerignore'))) ?? '',
  );
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => ({
      path: join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/').replace(/^\/+/, ''),
      kind: entry.isFile() ? ('file' as const) : entry.isDirectory() ? ('folder' as const) : ('other' as const),
    }))
    .filter(({ path }) => !ignored(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
