import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { bundleFolder } from '../bundle-folder.ts';
import { bundleHandler } from './bundle-handler.ts';

/** The handler of the custom resource as one file. In the npm package it is bundled already, in the place of its sources. */
export function handlerCode(): Code {
  const folder = join(import.meta.dirname, 'handler');
  const isBundled = existsSync(join(folder, 'index.js'));
  return Code.fromAsset(isBundled ? folder : bundleFolder('credential-provider-handler', bundleHandler));
}
