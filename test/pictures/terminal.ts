import { type ChildProcess, spawn } from 'node:child_process';
import { projectFolder } from '../support/run.ts';

/** A command in a pseudo terminal, by util-linux's `script`. */
export class Terminal {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #output = '';
  #looked = 0;

  constructor(command: string, columns: number, environment: Readonly<Record<string, string>> = {}) {
    const { PATH = '', HOME = '' } = process.env;
    this.#child = spawn('script', ['-qfec', `stty cols ${columns} rows 60; ${command}`, '/dev/null'], {
      cwd: projectFolder,
      env: { PATH, HOME, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      this.#output += piece;
    });
    this.#ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
  }

  /** All that it has printed. */
  get output(): string {
    return this.#output;
  }

  /** Waits until it has printed something since the last wait. */
  async waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    for (const deadline = Date.now() + 120_000; Date.now() < deadline; ) {
      const found = pattern.exec(this.#output.slice(this.#looked));
      if (found) {
        this.#looked += found.index + found[0].length;
        return found;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    this.#child.kill();
    throw new Error(`it never printed ${pattern}:\n${this.#output}`);
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  ended(): Promise<void> {
    return this.#ended;
  }
}
