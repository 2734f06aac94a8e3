import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { strFromU8, strToU8, unzipSync, type Zippable, zipSync } from 'fflate';
import { AwsError } from '../errors.ts';
import type { ImageConfig } from './image-config.ts';

/** An image on its way to the registry: its configuration, and the files above its base. */
export interface ImageContent {
  readonly config: ImageConfig;
  /** By path from the root, without a leading slash; folders are kept when they are empty. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly folders: readonly string[];
  readonly executables: ReadonlySet<string>;
}

interface Manifest {
  readonly config: ImageConfig;
  readonly folders: readonly string[];
  readonly executables: readonly string[];
}

/** Reads a folder that is laid out as the root of a file system. */
export async function readLayout(root: string, config: ImageConfig): Promise<ImageContent> {
  const files = new Map<string, Uint8Array>();
  const folders: string[] = [];
  const executables = new Set<string>();
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    if (folder !== '' && entries.length === 0) folders.push(folder);
    for (const { name, ...entry } of entries.map((each) => ({ name: each.name, isFolder: each.isDirectory() }))) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (entry.isFolder) {
        await visit(path);
        continue;
      }
      files.set(path, await readFile(join(root, path)));
      if (((await stat(join(root, path))).mode & 0o111) !== 0) executables.add(path);
    }
  };
  await visit('');
  return { config, files, folders, executables };
}

/** Writes an image's files below an empty folder, for reading only. */
export async function writeLayout(root: string, { files, folders, executables }: ImageContent): Promise<void> {
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
    // Folders stay writable for their owner: a folder that is not cannot be removed at the end of the run.
    await chmod(join(root, path), executables.has(path) ? 0o555 : 0o444);
  }
}

/** The digest of an image: of its content alone, whatever the order or the time of its files. */
export function digestOf({ config, files, folders, executables }: ImageContent): string {
  const hash = createHash('sha256').update(JSON.stringify({ config, folders: [...folders].sort() }));
  for (const path of [...files.keys()].sort()) {
    const bytes = files.get(path) as Uint8Array;
    hash.update(`\0${path}\0${executables.has(path)}\0${bytes.length}\0`).update(bytes);
  }
  return `sha256:${hash.digest('hex')}`;
}

/** The archive that a push sends. */
export function packImage({ config, files, folders, executables }: ImageContent): Uint8Array {
  const manifest: Manifest = { config, folders, executables: [...executables] };
  const entries: Zippable = { 'image.json': strToU8(JSON.stringify(manifest)) };
  for (const [path, bytes] of files) entries[`files/${path}`] = bytes;
  // It travels over loopback: compressing it would only cost time.
  return zipSync(entries, { level: 0 });
}

/**
 * Reads the archive of a push.
 *
 * @throws AwsError InvalidImage
 */
export function unpackImage(archive: Uint8Array): ImageContent {
  let entries: Record<string, Uint8Array>;
  let manifest: Manifest;
  try {
    entries = unzipSync(archive);
    manifest = JSON.parse(strFromU8(entries['image.json'] ?? new Uint8Array()));
  } catch {
    throw new AwsError('InvalidImage', 'What was pushed is not an image archive of local-aws/docker/docker.ts.');
  }
  const files = new Map<string, Uint8Array>();
  for (const [name, bytes] of Object.entries(entries)) {
    if (name.startsWith('files/') && !name.endsWith('/')) files.set(name.slice('files/'.length), bytes);
  }
  for (const path of [...files.keys(), ...manifest.folders]) {
    if (path.startsWith('/') || path.split('/').some((part) => part === '..' || part === '')) {
      throw new AwsError('InvalidImage', `The image names the file "${path}", which is outside of it.`);
    }
  }
  return { config: manifest.config, files, folders: manifest.folders, executables: new Set(manifest.executables) };
}
