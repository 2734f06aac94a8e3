import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { CommandMessage } from './command-runner-child.ts';
import { type Ended, projectFolder } from './run.ts';

/** A process that runs commands of the project, one after the other; nobody is at a terminal. Ends with the file of tests. */
export class CommandRunner {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown[]>;

  constructor() {
    this.#child = fork(join(import.meta.dirname, 'command-runner-child.ts'), {
      cwd: projectFolder,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#exited = once(this.#child, 'exit');
  }

  /**
   * @param args the command's name and its arguments
   * @param environment all environment variables that it sees
   */
  async run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Ended> {
    const answered = once(this.#child, 'message');
    this.#child.send({ args, environment } satisfies CommandMessage);
    const [answer] = await Promise.race([answered, this.#exited]);
    if (this.#child.exitCode !== null) throw new Error(`${args[0]} ended its process, with ${this.#child.exitCode}`);
    return answer as Ended;
  }

  async end(): Promise<void> {
    this.#child.disconnect();
    await this.#exited;
  }
}
