/** Where the key of one request comes from. */
export interface ApiKeySource {
  /** How a message names the key, such as `the key of credential provider "openai-dev"`. */
  readonly keyName: string;
  /** What to do about a key that the model provider refuses: one sentence. */
  readonly remedy: string;
  /** @returns the key to use now */
  get(): Promise<string>;
  /**
   * @param refused the key that the model provider has just refused; it is not handed out again from memory
   * @returns the key to try instead, which may be the same again
   */
  replace(refused: string): Promise<string>;
}

const maxAgeMs = 5 * 60 * 1000;

/**
 * Keeps a key in memory for at most five minutes, so that not each request costs a call and a rotated key is seen soon.
 * Requests of one workload access token that need a key at the same time share one fetch; those of another do not, or
 * one caller's bad token would fail the others.
 */
export class ApiKeyCache {
  #cached: { readonly key: string; readonly expiresAt: number } | undefined;
  readonly #pending = new Map<string, Promise<string>>();

  /**
   * @param token whose request it is
   * @param fetchKey asked only if there is no key in memory; its errors reach everyone who waits, and are not kept
   */
  get(token: string, fetchKey: () => Promise<string>): Promise<string> {
    // The wall clock besides the timer: a memory snapshot may be restored long after it was taken.
    if (this.#cached && Date.now() < this.#cached.expiresAt) return Promise.resolve(this.#cached.key);
    const pending = this.#pending.get(token) ?? this.#fetch(token, fetchKey);
    this.#pending.set(token, pending);
    return pending;
  }

  /** Forgets a key, unless another has already taken its place. */
  drop(refused: string): void {
    if (this.#cached?.key === refused) this.#cached = undefined;
  }

  async #fetch(token: string, fetchKey: () => Promise<string>): Promise<string> {
    try {
      const key = await fetchKey();
      this.#cached = { key, expiresAt: Date.now() + maxAgeMs };
      // A session that falls silent keeps its memory for hours; the key shall not stay in it.
      setTimeout(() => this.#forgetExpired(), maxAgeMs).unref();
      return key;
    } finally {
      this.#pending.delete(token);
    }
  }

  #forgetExpired(): void {
    if (this.#cached && Date.now() >= this.#cached.expiresAt) this.#cached = undefined;
  }
}
