import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What the workers of one run, and the programs that they start, inherit. A temporary folder of its own: CDK makes an output
 * folder for every app without one, and neither a worker that jest ends nor a killed program tidies up. And no validation of
 * templates by CDK, which takes longer than the rest of a synth: the tests whose subject it is ask for it.
 */
export default function prepareRun(): void {
  process.env.CDK_VALIDATION = 'false';
  const folder = mkdtempSync(join(tmpdir(), 'outbound-auth-tests-'));
  process.env.TMPDIR = folder;
  // However the run ends.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
}
