import { chmod, copyFile, mkdir, stat } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { ContextEntry } from './build-context.ts';
import type { Copy, ImagePlan } from './dockerfile.ts';
import { compilePathPattern } from './ignore-file.ts';
import { needsDocker, Refusal } from './refusal.ts';

/**
 * Lays out the files of an image in an empty folder, as its root.
 *
 * @param contextRoot the folder that the entries are in
 * @throws Refusal for a source that is not there, or is a symbolic link
 */
export async function layOut(
  plan: Pick<ImagePlan, 'folders' | 'copies'>,
  contextRoot: string,
  entries: readonly ContextEntry[],
  root: string,
): Promise<void> {
  for (const folder of plan.folders) await mkdir(join(root, folder), { recursive: true });
  for (const copy of plan.copies) {
    for (const { from, to, kind } of await targets(copy, entries, root)) {
      if (kind === 'other') throw needsDocker(`Copying "${from}", which is a symbolic link or no plain file,`);
      const target = join(root, to);
      if (kind === 'folder') {
        await mkdir(target, { recursive: true });
        continue;
      }
      await mkdir(dirname(target), { recursive: true });
      await copyFile(join(contextRoot, from), target);
      const own = (await stat(join(contextRoot, from))).mode;
      await chmod(target, (copy.executable ?? (own & 0o111) !== 0) ? 0o755 : 0o644);
    }
  }
}

interface Target {
  readonly from: string;
  readonly to: string;
  readonly kind: ContextEntry['kind'];
}

async function targets(copy: Copy, entries: readonly ContextEntry[], root: string): Promise<Target[]> {
  const found = copy.sources.flatMap((source) => matching(source, entries));
  if (found.length > 1 && !copy.intoFolder) {
    throw new Refusal(
      'When using COPY with more than one source file, the destination must be a directory and end with a /',
    );
  }
  const intoFolder = copy.intoFolder || (await isFolder(join(root, copy.destination)));
  return found.flatMap(({ path, kind }) => {
    if (kind !== 'folder') {
      return [
        { from: path, to: intoFolder ? posix.join(copy.destination, posix.basename(path)) : copy.destination, kind },
      ];
    }
    // COPY of a folder copies what is in it, not the folder itself.
    const below = path === '' ? '' : `${path}/`;
    return [
      { from: path, to: copy.destination, kind },
      ...entries
        .filter((entry) => entry.path.startsWith(below))
        .map((entry) => ({
          from: entry.path,
          to: posix.join(copy.destination, entry.path.slice(below.length)),
          kind: entry.kind,
        })),
    ];
  });
}

function matching(source: string, entries: readonly ContextEntry[]): readonly ContextEntry[] {
  const path = posix.normalize(source).replace(/^\/+|\/+$/g, '');
  if (path === '..' || path.startsWith('../')) throw new Refusal(`"${source}" is outside of the build context.`);
  if (path === '.' || path === '') return [{ path: '', kind: 'folder' }];
  const pattern = compilePathPattern(path, false);
  const found = entries.filter((entry) => pattern.test(entry.path));
  if (found.length === 0) throw new Refusal(`"${source}" is not in the build context, or .dockerignore leaves it out.`);
  return found;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
