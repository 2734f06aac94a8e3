import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { bundleFolder } from '../bundle-folder.ts';
import { bundleHandler } from './bundle-handler.ts';

/**
 * The handler of a custom resource as one file. In the npm package it is bundled already, in the place of its sources.
 *
 * @param name of the bundle
 * @param folder of the handler
 */
export function handlerCode(name: string, folder: string): Code {
  const isBundled = existsSync(join(folder, 'index.js'));
  return Code.fromAsset(isBundled ? folder : bundleFolder(name, (outdir) => bundleHandler(folder, outdir)));
}
