import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';

/**
 * Bundles the handler of a custom resource into one file, the AWS SDK in it: Lambda's own may be too old for what is asked
 * of it.
 *
 * @param folder that of the handler, with `index.ts`
 * @param outdir gets `index.js`
 * @throws what esbuild finds wrong with the sources
 */
export function bundleHandler(folder: string, outdir: string): void {
  // A process of its own, so that whoever has this library as a package needs no esbuild: there it is bundled already.
  execFileSync(process.execPath, [import.meta.filename, resolve(folder), resolve(outdir)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
}

async function bundleHere(folder: string, outdir: string): Promise<void> {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: folder,
    entryPoints: ['index.ts'],
    outfile: join(outdir, 'index.js'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // The ES module builds of the SDK are the ones that esbuild can shake.
    mainFields: ['module', 'main'],
    legalComments: 'none',
    // What a bundle is made of must not depend on whether node_modules is a folder or a link to one.
    preserveSymlinks: true,
    logLevel: 'error',
  });
}

if (import.meta.main) {
  const [, , folder = '.', outdir = '.'] = process.argv;
  void bundleHere(folder, outdir);
}
