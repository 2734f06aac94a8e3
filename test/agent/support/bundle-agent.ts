import { cpSync } from 'node:fs';
import { bundleAgent as bundle } from '../../../agent/bundle.ts';
import { bundleFolder } from '../../../lib/bundle-folder.ts';

/** The same as the agent's own, but bundled once for all tests, and copied for each. */
export function bundleAgent(outdir: string): void {
  cpSync(bundleFolder('agent-of-tests', bundle), outdir, { recursive: true });
}
