import type { Script } from '../support/scripted-model.ts';

/** How long the caller waits. */
export interface Bound {
  /** In milliseconds; what a wait that was asked for takes at least. */
  readonly least: number;
  /** In milliseconds. */
  readonly most: number;
  /** For whoever reads the page. */
  readonly words: string;
}

export interface ExpectedError {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly message: RegExp;
}

/** Where a fault happens: each place but the first two has an agent of its own, that is led there. */
export type Place =
  | 'model'
  | 'identity'
  | 'model that refuses connections'
  | 'model without a trusted certificate'
  | 'model whose name does not exist'
  | 'identity that refuses connections'
  | 'credentials of the role';

export interface Fault {
  readonly fault: string;
  readonly at: Place;
  /** What the place does each time it is asked for one request of a caller; the last again and again. */
  readonly scripts: readonly Script[];
  /** What the caller gets in the end. */
  readonly gives: ExpectedError | 'the answer';
  /** How often the place is asked for one request of a caller; undefined where nobody is there to count. */
  readonly asked: number | undefined;
  readonly time: Bound;
  /** What was streamed before. */
  readonly before?: string;
  /** Without the token that AgentCore Runtime would send along. */
  readonly withoutToken?: true;
}

/** What the agents of the table are set to, in seconds. */
export const settings = { model: 1, answer: 7, identity: 6 } as const;

/** Like no key that is known by its shape. */
export const apiKey = 'Zq7Wm2Xk9Lp4Vb8NtR3c';

export const atOnce: Bound = { least: 0, most: 3000, words: '< 3 s' };

export function between(least: number, most: number, words = `${least / 1000} to ${most / 1000} s`): Bound {
  return { least, most, words };
}

export function error(code: string, status: number, retryable: boolean, message: RegExp): ExpectedError {
  return { code, status, retryable, message };
}
