import type { Calls } from './calls.ts';
import { isAccessDenied, isConflict, isRefused, isTransient } from './faults.ts';
import { Refusal } from './refusal.ts';

/** Time and chance, which tests replace. */
export interface Clock {
  /** Milliseconds since any moment. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** 0 to 1. */
  random(): number;
}

const firstDelay = 200;
const longestDelay = 5_000;
const propagation = 20_000;
/** Others have seen a new provider hidden for up to two minutes. */
const longestPoll = 130_000;

/** The time that one run has, and how it waits in it. */
export class Patience {
  readonly #clock: Clock;
  readonly #start: number;
  readonly #deadline: number;
  #mayHaveCreated = false;

  /** @param milliseconds the time until which everything has to be done */
  constructor(clock: Clock, milliseconds: number) {
    this.#clock = clock;
    this.#start = clock.now();
    this.#deadline = this.#start + milliseconds;
  }

  /**
   * The calls, repeated while they may succeed later.
   *
   * @param policiesAreNew whether the role or its policies may have been made a moment ago: then a denied access is
   * waited out, for some seconds only, since a missing secret is denied too
   */
  calls(calls: Calls, policiesAreNew: boolean): Calls {
    const again = (error: unknown) =>
      isTransient(error) || (policiesAreNew && isAccessDenied(error) && this.#clock.now() - this.#start < propagation);
    const whenever = <T>(call: () => Promise<T>) => this.#repeat(call, again);
    const unlessBusy = <T>(call: () => Promise<T>) => this.#repeat(call, (error) => again(error) || isConflict(error));
    return {
      stackStatus: (id) => whenever(() => calls.stackStatus(id)),
      describeSecret: (id) => whenever(() => calls.describeSecret(id)),
      readSecret: (arn) => whenever(() => calls.readSecret(arn)),
      getProvider: (name) => whenever(() => calls.getProvider(name)),
      // A conflict here means that the name is taken, which waiting does not change.
      createProvider: (name, key, tags) => whenever(() => this.#creating(calls.createProvider(name, key, tags))),
      updateProvider: (name, key) => unlessBusy(() => calls.updateProvider(name, key)),
      deleteProvider: (name) => unlessBusy(() => calls.deleteProvider(name)),
      listProviders: (token) => whenever(() => calls.listProviders(token)),
      tagsOf: (arn) => whenever(() => calls.tagsOf(arn)),
      tag: (arn, tags) => unlessBusy(() => calls.tag(arn, tags)),
      untag: (arn, names) => unlessBusy(() => calls.untag(arn, names)),
    };
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

  /** Whether a create has succeeded, or ended without an answer that says that it has not. */
  get mayHaveCreated(): boolean {
    return this.#mayHaveCreated;
  }

  async #creating(create: Promise<void>): Promise<void> {
    try {
      await create;
      this.#mayHaveCreated = true;
    } catch (error) {
      this.#mayHaveCreated ||= !isRefused(error);
      throw error;
    }
  }

  async #repeat<T>(call: () => Promise<T>, again: (error: unknown) => boolean): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await call();
      } catch (error) {
        if (!again(error) || !(await this.#wait(attempt, this.#deadline))) throw error;
      }
    }
  }

  /** Full jitter: those who were refused together do not come back together. */
  async #wait(attempt: number, end: number): Promise<boolean> {
    const delay = this.#clock.random() * Math.min(longestDelay, firstDelay * 2 ** attempt);
    if (this.#clock.now() + delay >= end) return false;
    await this.#clock.sleep(delay);
    return true;
  }
}
