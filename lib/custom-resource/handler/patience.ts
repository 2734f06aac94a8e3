import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from './refusal.ts';

/** Time and chance, which tests replace. */
export interface Clock {
  /** Milliseconds since any moment. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** 0 to 1. */
  random(): number;
}

/** The time of day, since 1970. */
export const systemClock: Clock = { now: Date.now, sleep: (milliseconds) => sleep(milliseconds), random: Math.random };

const firstDelay = 200;
const longestDelay = 5_000;
/** Others have seen what AWS made hidden for up to two minutes. */
const longestPoll = 130_000;

/** The time that one run has, and how it waits in it. */
export class Patience {
  readonly #clock: Clock;
  readonly #start: number;
  readonly #deadline: number;

  /** @param milliseconds the time until which everything has to be done */
  constructor(clock: Clock, milliseconds: number) {
    this.#clock = clock;
    this.#start = clock.now();
    this.#deadline = this.#start + milliseconds;
  }

  /** Milliseconds since the run began. */
  get elapsed(): number {
    return this.#clock.now() - this.#start;
  }

  /**
   * Makes a call, and makes it once more while it may succeed later and there is time.
   *
   * @param again which errors may pass by themselves
   */
  async repeat<T>(call: () => Promise<T>, again: (error: unknown) => boolean): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await call();
      } catch (error) {
        if (!again(error) || !(await this.#wait(attempt, this.#deadline))) throw error;
      }
    }
  }

  /**
   * Pauses between looks at something that is to change by itself.
   *
   * @param reason what to say when it did not change in time
   * @param longest milliseconds until it is given up
   * @returns call it to wait; it throws a Refusal when there is no time left
   */
  polling(reason: string, longest = longestPoll): () => Promise<void> {
    const end = Math.min(this.#deadline, this.#clock.now() + longest);
    let attempt = 0;
    return async () => {
      if (!(await this.#wait(attempt++, end))) throw new Refusal(reason);
    };
  }

  /** Full jitter: those who were refused together do not come back together. */
  async #wait(attempt: number, end: number): Promise<boolean> {
    const delay = this.#clock.random() * Math.min(longestDelay, firstDelay * 2 ** attempt);
    if (this.#clock.now() + delay >= end) return false;
    await this.#clock.sleep(delay);
    return true;
  }
}
