import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { projectFolder } from '../../test/support/run.ts';
import { bytes } from '../format.ts';
import type { Measurement } from '../measurement.ts';
import { withBundle } from '../support/agent.ts';

export const measure = (): Promise<Measurement> =>
  withBundle(async (bundle) => {
    const layer = filesBelow(bundle);
    const packed = gzipSync(tar(layer)).length;
    const sources = filesBelow(join(projectFolder, 'agent/src')).reduce((sum, file) => sum + statSync(file).size, 0);
    const modules = [...packagesOf(join(projectFolder, 'agent'))]
      .map(sizeOfPackage)
      .reduce((sum, size) => sum + size, 0);
    return {
      title: 'Image',
      how: 'What the image adds to its base, `node:…-slim`: one layer, the bundle. It changes as a whole with every change of the code, so this is what a push sends and a start pulls. Beside it what an image with the packages installed (`npm ci --omit=dev`) and the sources would hold.',
      columns: ['', 'on disk', 'compressed, as it travels'],
      rows: [
        ['above the base image, in all', bytes(sizeOf(layer)), bytes(packed)],
        ['changes with a change of the code', bytes(sizeOf(layer)), bytes(packed)],
        ['with packages installed: packages', bytes(modules), ''],
        ['with packages installed: sources', bytes(sources), ''],
      ],
      results: {},
    };
  });

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const sizeOf = (files: readonly string[]) => files.reduce((sum, file) => sum + statSync(file).size, 0);

/** As long as a tar archive of the files, with empty headers: they are all the same but for the name. */
function tar(files: readonly string[]): Buffer {
  return Buffer.concat(
    files.flatMap((file) => {
      const content = readFileSync(file);
      return [Buffer.alloc(512), content, Buffer.alloc((512 - (content.length % 512)) % 512)];
    }),
  );
}

/** The folders of the packages that a package needs, and those that they need. */
function packagesOf(folder: string, found = new Set<string>()): Set<string> {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    const dependency = findPackage(folder, name);
    if (!dependency || found.has(dependency)) continue;
    found.add(dependency);
    packagesOf(dependency, found);
  }
  return found;
}

/** As Node.js looks for it; undefined where it is optional and not there. */
function findPackage(from: string, name: string): string | undefined {
  const here = join(from, 'node_modules', name);
  if (existsSync(join(here, 'package.json'))) return here;
  return from === projectFolder || from === dirname(from) ? undefined : findPackage(dirname(from), name);
}

function sizeOfPackage(folder: string): number {
  return sizeOf(filesBelow(folder).filter((file) => !file.slice(folder.length).includes('/node_modules/')));
}
