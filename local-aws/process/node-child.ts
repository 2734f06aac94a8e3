import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { unwatchGroup, watchGroup } from './reaper.ts';

/** What a child is started with. */
export interface NodeChildOptions {
  /** What follows `node` on the command line. */
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of its environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Called with every line of stdout and stderr. */
  readonly onLine: (line: string) => void;
  /** Called with what the child sends with `process.send`; without it the child has no such channel. */
  readonly onMessage?: (message: unknown) => void;
}

/** How a child ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A Node.js program in a process group of its own, which cannot outlive this process. */
export class NodeChild {
  readonly #child: ChildProcess;
  /** Fulfilled when it has ended and the last of its output was read. */
  readonly exited: Promise<Exit>;
  #exit: Exit | undefined;

  constructor({ args, cwd, env, onLine, onMessage }: NodeChildOptions) {
    this.#child = spawn(process.execPath, args, {
      cwd,
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...(onMessage ? (['ipc'] as const) : [])],
      detached: true,
    });
    const { pid, stdout, stderr } = this.#child;
    if (pid !== undefined) watchGroup(pid);
    if (onMessage) this.#child.on('message', onMessage);
    for (const output of [stdout, stderr]) {
      if (output) createInterface({ input: output }).on('line', onLine);
    }
    this.#child.once('exit', () => this.#signal('SIGKILL'));
    this.exited = new Promise((resolve) => {
      const ended = (exit: Exit) => {
        if (pid !== undefined) unwatchGroup(pid);
        this.#exit = exit;
        resolve(exit);
      };
      this.#child.once('error', () => ended({ code: null, signal: null }));
      this.#child.once('close', (code, signal) => ended({ code, signal }));
    });
  }

  get alive(): boolean {
    return this.#exit === undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Sends a message over the channel that `onMessage` opens; a child that is gone misses it. */
  send(message: object): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /**
   * Ends the child and all that it started: SIGTERM, and SIGKILL when that did not help.
   *
   * @param grace milliseconds between the two; 0 kills at once
   */
  async end(grace = 2000): Promise<void> {
    if (!this.alive) return void (await this.exited);
    if (grace > 0) this.#signal('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), grace);
    await this.exited;
    clearTimeout(timer);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The group is gone already.
    }
  }
}
