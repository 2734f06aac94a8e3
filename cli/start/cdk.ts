import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectFolder } from '../project.ts';
import { UserError } from '../user-error.ts';

/**
 * Runs the unmodified `cdk` command of this project.
 *
 * @param args for example `['deploy', 'dev/*']`
 * @param env the whole environment of the process
 * @throws UserError with what the command printed, when it fails
 */
export async function runCdk(
  args: readonly string[],
  env: Record<string, string>,
  signal?: AbortSignal,
): Promise<void> {
  const child = spawn(process.execPath, [join(projectFolder, 'node_modules/aws-cdk/bin/cdk'), ...args], {
    cwd: projectFolder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  });
  let printed = '';
  const keep = (chunk: Buffer) => {
    printed += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status !== 0) throw new UserError(`cdk ${args[0]} failed:\n${failure(printed)}`);
}

/** The CLI's account of what went wrong, without its progress and its own advice. */
function failure(printed: string): string {
  const lines = printed.split('\n').filter((line) => line.trim() !== '');
  const from = lines.findIndex((line) => line.includes('❌'));
  return (from < 0 ? lines.slice(-12) : lines.slice(from, from + 12)).join('\n');
}
