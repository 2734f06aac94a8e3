import { terminalText } from '../agent/src/terminal-text.ts';
import { UsageError } from './arguments.ts';
import { describeError, Interrupted } from './user-error.ts';

/** A command: its arguments go in, its exit status comes out. */
export type Command = (args: string[]) => Promise<number>;

const commands: Record<string, { summary: string; load: () => Promise<Command> }> = {
  start: {
    summary: 'Deploy to an AWS on this machine and ask the agent: no AWS account needed.',
    load: async () => (await import('./start/start.ts')).start,
  },
  up: {
    summary: 'Take an environment from nothing, or from wherever it is, to an agent that has answered.',
    load: async () => (await import('./up/up.ts')).up,
  },
  down: {
    summary: 'Delete an environment, and say what is left and what it costs.',
    load: async () => (await import('./down/down.ts')).down,
  },
  doctor: {
    summary: 'Look at everything that an environment needs, and say what to do.',
    load: async () => (await import('./doctor/doctor.ts')).doctor,
  },
  'set-key': {
    summary: 'Store the API key of an environment in its secret.',
    load: async () => (await import('./set-key/set-key.ts')).setKey,
  },
  invoke: {
    summary: 'Ask the agent of an environment that is deployed.',
    load: async () => (await import('./invoke/invoke.ts')).invoke,
  },
  status: {
    summary: 'Show what is deployed of an environment, and how it is.',
    load: async () => (await import('./status/status.ts')).status,
  },
  logs: {
    summary: 'Print what the agent of an environment has logged, and follow it.',
    load: async () => (await import('./logs/logs.ts')).logs,
  },
  release: {
    summary: 'Ask the newest version a question; if it answers, the endpoint live serves it.',
    load: async () => (await import('./release/release.ts')).release,
  },
  rollback: {
    summary: 'Put the endpoint live back to the version before.',
    load: async () => (await import('./release/rollback.ts')).rollback,
  },
  agent: {
    summary: 'Run the agent alone, with the key from the environment.',
    load: async () => (await import('../agent/src/local.ts')).runAgentLocally,
  },
  policies: {
    summary: 'Print a policy for whoever deploys: permissions boundary, CloudFormation, pipeline.',
    load: async () => (await import('./policies.ts')).policies,
  },
};

/**
 * Runs one command of the project.
 *
 * @param args the command's name and its arguments
 * @returns the exit status: 0 when it worked, 1 when it did not, 2 for a command line that cannot be understood, 130 after Ctrl-C
 */
export async function main([name, ...args]: string[]): Promise<number> {
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    const known = Object.keys(commands).join(', ');
    const asked = name === undefined || name === '--help';
    process[asked ? 'stdout' : 'stderr'].write(asked ? help() : `Unknown command "${name}"; known: ${known}.\n`);
    return name === '--help' ? 0 : 2;
  }
  try {
    const run = await command.load();
    return await run(args);
  } catch (error) {
    // It may quote what an agent or a model has said.
    process.stderr.write(terminalText(`${describeError(error)}\n`, process.stderr));
    if (error instanceof Interrupted) return 130;
    return error instanceof UsageError ? 2 : 1;
  }
}

function help(): string {
  const lines = Object.entries(commands).map(([name, { summary }]) => `  npm run ${name.padEnd(8)} ${summary}\n`);
  return `Commands (each has --help, behind "--": npm run invoke -- --help):\n${lines.join('')}`;
}
