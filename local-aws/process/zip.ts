import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { unzipSync } from 'fflate';

/** The files of a zip by their paths in it; folders are left out. */
export type ZipFiles = Readonly<Record<string, Uint8Array>>;

/** @returns undefined for what is no zip */
export function filesOfZip(zip: Buffer): ZipFiles | undefined {
  try {
    return Object.fromEntries(Object.entries(unzipSync(zip)).filter(([name]) => !name.endsWith('/')));
  } catch {
    return undefined;
  }
}

/** Writes files into a folder; none can get out of it. */
export async function writeFiles(files: ZipFiles, directory: string): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, normalize(`/${name}`));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}
