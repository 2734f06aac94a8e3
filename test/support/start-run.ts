import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesMentioning } from './processes.ts';
import { type Ended, runNode } from './run.ts';

/** A run of `npm start`. Every temporary file and child process of it is below one folder, so that what is left can be seen. */
export class StartRun {
  readonly #folder = mkdtempSync(join(tmpdir(), 'outbound-auth-start-'));
  /** Its environment: that of the tests, without the settings of a model. */
  readonly env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.includes('OPENAI'))),
    TMPDIR: this.#folder,
  };

  start(...args: string[]): Promise<Ended> {
    return runNode(['cli/main.js', 'start', ...args], { env: this.env });
  }

  expectNothingLeft(): void {
    expect(processesMentioning(this.#folder)).toEqual([]);
    expect(readdirSync(this.#folder).filter((name) => !name.startsWith('node-compile-cache'))).toEqual([]);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
