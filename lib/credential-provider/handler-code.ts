import { join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { bundleFolder } from '../bundle-folder.ts';

/** The handler of the custom resource as one file, the AWS SDK in it: Lambda's own may be too old for EXTERNAL secrets. */
export function handlerCode(): Code {
  const folder = bundleFolder('credential-provider-handler', (outdir) => {
    buildSync({
      absWorkingDir: join(import.meta.dirname, 'handler'),
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
    });
  });
  return Code.fromAsset(folder);
}
