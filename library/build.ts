import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleHandler } from '../lib/custom-resource/bundle-handler.ts';

/** What a package.json says, as far as the library's own is made of it. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '..');
const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;

/**
 * Makes an npm package of the constructs in `lib/`: compiled, with the handler bundled, without the app around them.
 *
 * @param outdir a folder; what is in it is replaced
 */
function buildLibrary(outdir: string): void {
  rmSync(outdir, { recursive: true, force: true });
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', join(root, 'library'), '--outDir', outdir], { stdio: 'inherit' });
  const handler = 'credential-provider/handler';
  bundleHandler(join(root, 'lib', handler), join(outdir, handler));
  writeFileSync(join(outdir, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
  copyFileSync(join(root, 'LICENSE'), join(outdir, 'LICENSE'));
  copyFileSync(join(root, 'docs/construct.md'), join(outdir, 'README.md'));
}

/** The app's own package.json stays private: its dependencies are not those of the constructs. */
function manifest() {
  const { name, version, description, license, dependencies } = read('package.json');
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    // CommonJS may require it too, from these versions on.
    engines: { node: '^20.19 || >=22.12' },
    exports: { '.': { types: './index.d.ts', default: './index.js' } },
    peerDependencies: {
      'aws-cdk-lib': `^${dependencies['aws-cdk-lib']}`,
      constructs: read('node_modules/aws-cdk-lib/package.json').peerDependencies.constructs,
    },
  };
}

buildLibrary(resolve(process.argv[2] ?? join(root, 'dist')));
