import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The folder of this checkout. */
export const projectFolder = join(import.meta.dirname, '../..');

/** What a program has left when it ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams, in the order in which they came. */
  readonly output: string;
}

/** Runs a program of this project with the Node.js of this project, and waits for its end. */
export async function runNode(
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; input?: string } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, args, { cwd: options.cwd ?? projectFolder, env: options.env ?? process.env });
  child.stdin.end(options.input ?? '');
  let stdout = '';
  let stderr = '';
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    output += chunk.toString();
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { status, stdout, stderr, output };
}
