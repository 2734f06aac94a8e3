import { join } from 'node:path';
import { NodeChild } from '../process/node-child.ts';
import type { ChildMessage, ErrorPayload, EventMessage } from './bootstrap.ts';

/** What became of one event. */
export type Outcome =
  /** `payload` is JSON. */
  { readonly kind: 'result'; readonly payload: string } | { readonly kind: 'error'; readonly error: ErrorPayload };

/** What a function's child is started with. */
export interface FunctionProcessOptions {
  /** Where the code was unzipped. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly memorySize: number;
  /** Until when its credentials are good. */
  readonly expires: Date;
}

const initLimit = 10_000;

/** A warm child of one function. It runs one event at a time. */
export class FunctionProcess {
  readonly expires: Date;
  readonly #child: NodeChild;
  #fit = true;
  #onLine: (line: string) => void = () => {};
  #onMessage: (message: ChildMessage) => void = () => {};

  constructor({ directory, env, memorySize, expires }: FunctionProcessOptions) {
    this.expires = expires;
    this.#child = new NodeChild({
      args: [
        `--max-old-space-size=${Math.max(64, Math.floor(memorySize * 0.9))}`,
        join(import.meta.dirname, 'bootstrap.ts'),
      ],
      cwd: directory,
      env,
      onLine: (line) => this.#onLine(line),
      onMessage: (message) => {
        const known = message as ChildMessage;
        if (known.kind === 'log') this.#onLine(known.line);
        else this.#onMessage(known);
      },
    });
  }

  /** Whether it may be given another event. */
  get usable(): boolean {
    return this.#fit && this.#child.alive;
  }

  /** Waits until the handler is loaded; an error is what Lambda says of a failed init. */
  async ready(onLine: (line: string) => void, requestId: string): Promise<ErrorPayload | undefined> {
    this.#onLine = onLine;
    const outcome = await this.#first(requestId, initLimit, () => ({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(initLimit / 1000).toFixed(2)} seconds`,
    }));
    return outcome.kind === 'error' ? outcome.error : undefined;
  }

  /**
   * Runs one event; at the end of its time the child is killed.
   *
   * @param timeout seconds
   */
  async run(event: EventMessage, timeout: number, onLine: (line: string) => void): Promise<Outcome> {
    this.#onLine = onLine;
    const outcome = this.#first(event.requestId, timeout * 1000, () => {
      onLine(`${new Date().toISOString()} ${event.requestId} Task timed out after ${timeout.toFixed(2)} seconds`);
      return {
        errorType: 'Sandbox.Timedout',
        errorMessage: `RequestId: ${event.requestId} Error: Task timed out after ${timeout.toFixed(2)} seconds`,
      };
    });
    this.#child.send(event);
    return outcome;
  }

  /** @param grace milliseconds until it is killed */
  end(grace?: number): Promise<void> {
    return this.#child.end(grace);
  }

  /** What comes first: an answer, the child's death or the end of its time. */
  async #first(requestId: string, milliseconds: number, timedOut: () => ErrorPayload): Promise<Outcome> {
    let timer: NodeJS.Timeout | undefined;
    const outcome = await Promise.race<Outcome>([
      new Promise((resolve) => {
        this.#onMessage = (message) => {
          if (message.kind === 'ready') resolve({ kind: 'result', payload: 'null' });
          else if (message.kind === 'error') {
            if (message.fatal) this.#fit = false;
            resolve({ kind: 'error', error: message.error });
          } else if (message.kind === 'result' && message.requestId === requestId) resolve(message);
        };
      }),
      this.#child.exited.then(({ code, signal }) => ({
        kind: 'error',
        error: {
          errorType: 'Runtime.ExitError',
          errorMessage: `RequestId: ${requestId} Error: Runtime exited ${
            code === 0
              ? 'without providing a reason'
              : `with error: ${signal ? `signal: ${signal}` : `exit status ${code}`}`
          }`,
        },
      })),
      new Promise((resolve) => {
        timer = setTimeout(() => {
          const error = timedOut();
          this.#fit = false;
          void this.end(0);
          resolve({ kind: 'error', error });
        }, milliseconds);
      }),
    ]);
    clearTimeout(timer);
    return outcome;
  }
}
