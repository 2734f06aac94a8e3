// Runs one command of the project after the other, as it is told over the IPC channel: a process for each of them would
// take most of its time to load what the one before has loaded.
import { main } from '../../cli/commands.ts';
import type { Ended } from './run.ts';

/** What the parent sends: a command's name and arguments, and all environment variables that it sees. */
export interface CommandMessage {
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

process.on('message', async ({ args, environment }: CommandMessage) => {
  const printed = { stdout: '', stderr: '', output: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (chunk: string | Uint8Array) => {
      printed[name] += chunk;
      printed.output += chunk;
      return true;
    };
  }
  process.env = environment;
  const status = await main([...args]);
  process.send?.({ status, ...printed } satisfies Ended);
});
process.on('disconnect', () => process.exit());
