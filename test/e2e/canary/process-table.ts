import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** How often each process is read: it may exec another program after it was forked. */
const readings = 4;

/** The command lines of all processes of this machine, and the environments of some, from its start to its end. */
export class ProcessTable {
  readonly commandLines = new Set<string>();
  readonly environments = new Set<string>();
  readonly #ofJourney: (environment: string) => boolean;
  readonly #read = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  /** @param ofJourney whether a process with this environment belongs to the journey */
  constructor(ofJourney: (environment: string) => boolean) {
    this.#ofJourney = ofJourney;
    this.#timer = existsSync('/proc/self/environ')
      ? setInterval(() => this.#readProc(), 15)
      : setInterval(() => this.#readPs(), 250);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #readProc(): void {
    for (const pid of readdirSync('/proc')) {
      const times = /^\d+$/.test(pid) ? (this.#read.get(pid) ?? 0) : readings;
      if (times === readings) continue;
      this.#read.set(pid, times + 1);
      this.#keep(read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/environ`));
    }
  }

  /** There a process shows its environment behind its command line. */
  #readPs(): void {
    const table = execFileSync('ps', ['-Aww', '-E', '-o', 'command='], { encoding: 'latin1', maxBuffer: 2 ** 26 });
    for (const line of table.split('\n')) this.#keep(line, line);
  }

  #keep(commandLine: string, environment: string): void {
    this.commandLines.add(commandLine.replaceAll('\0', ' '));
    if (this.#ofJourney(environment)) this.environments.add(environment);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It has ended in the meantime, or belongs to somebody else.
    return '';
  }
}
