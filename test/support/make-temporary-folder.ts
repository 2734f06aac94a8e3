import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Gives one run of the tests a temporary folder of its own, which its workers and the programs they start inherit: CDK makes
 * an output folder for every app without one, and neither a worker that jest ends nor a killed program tidies up.
 */
export default function makeTemporaryFolder(): void {
  const folder = mkdtempSync(join(tmpdir(), 'outbound-auth-tests-'));
  process.env.TMPDIR = folder;
  // However the run ends.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
}
