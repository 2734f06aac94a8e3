import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { apiKeyVariables } from '../agent/src/model-settings.ts';
import { weatherApiKeyVariable } from '../agent/src/settings.ts';
import { projectFolder } from './project.ts';
import { Interrupted, UserError } from './user-error.ts';

const command = join(projectFolder, 'node_modules/aws-cdk/bin/cdk');

/**
 * Runs the unmodified `cdk` command of this project in silence.
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
  const child = spawn(process.execPath, [command, ...args], {
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

/**
 * Runs the unmodified `cdk` command of this project for a person to see, on standard error: standard output is for what
 * comes of the calling command.
 *
 * @param env the whole environment of the process
 * @param person whether somebody is there to answer the questions of `cdk`; without, it has no input
 * @throws UserError when it fails, which it has told by itself; Interrupted
 */
export async function showCdk(args: readonly string[], env: NodeJS.ProcessEnv, person: boolean): Promise<void> {
  const child = spawn(process.execPath, [command, ...args], {
    cwd: projectFolder,
    env,
    stdio: [person ? 'inherit' : 'ignore', process.stderr.fd, process.stderr.fd],
  });
  // Ctrl-C reaches both: this process stays to say what is left. Others send a signal to it alone.
  let signal: NodeJS.Signals | undefined;
  const passOn = (received: NodeJS.Signals) => {
    signal = received;
    child.kill(received);
  };
  for (const each of signals) process.on(each, passOn);
  try {
    const [status, killed] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...ended) => resolve(ended));
    });
    if (signal ?? killed) throw new Interrupted(`cdk ${args[0]} was interrupted by ${signal ?? killed}.`);
    if (status !== 0) throw new UserError(`cdk ${args[0]} failed with status ${status}: what it says stands above.`);
  } finally {
    for (const each of signals) process.off(each, passOn);
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** By these `cdk` would find another account or Region than the SDK, which does not know them. */
const knownToCdkAlone = /^(AMAZON_|AWS_DEFAULT_PROFILE$)/;

/** Keys for commands on one's own machine: neither `cdk` nor Docker has a use for them. */
const keyVariables: ReadonlySet<string> = new Set([...Object.values(apiKeyVariables), weatherApiKeyVariable]);

/**
 * The environment of `cdk` as the caller has it: credentials, profile and Docker are found where every AWS tool finds
 * them. The app is run by the Node.js of this project, also where this command was not started by npm.
 *
 * @param endpointUrl another place than AWS
 * @param region where the calling command works
 */
export function ownCdkEnvironment(endpointUrl: string | undefined, region: string): NodeJS.ProcessEnv {
  const { PATH = '' } = process.env;
  const passedOn = Object.entries(process.env).filter(
    ([name]) => !knownToCdkAlone.test(name) && !keyVariables.has(name),
  );
  return {
    ...Object.fromEntries(passedOn),
    PATH: [join(projectFolder, 'node_modules/.bin'), dirname(process.execPath), PATH].join(delimiter),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    ...(endpointUrl !== undefined && { AWS_ENDPOINT_URL: endpointUrl }),
  };
}

/** The CLI's account of what went wrong, without its progress and its own advice. */
function failure(printed: string): string {
  const lines = printed.split('\n').filter((line) => line.trim() !== '');
  const from = lines.findIndex((line) => line.includes('❌'));
  return (from < 0 ? lines.slice(-12) : lines.slice(from, from + 12)).join('\n');
}
