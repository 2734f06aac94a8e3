/**
 * Keeps one secret in memory, a key or a token, for a while and no longer: so that not each request costs a call, and a
 * new one is seen soon. Those that need it at the same time share one fetch.
 */
export class SecretCache {
  readonly #maxAgeMs: number;
  #cached: { readonly secret: string; readonly expiresAt: number } | undefined;
  readonly #pending = new Map<string, Promise<string>>();

  /** @param maxAgeMs how long a secret stays, in milliseconds */
  constructor(maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs;
  }

  /**
   * @param sharedBy only fetches of the same name are shared: one caller's bad token must not fail the others
   * @param fetchSecret asked only if there is nothing in memory; its errors reach everyone who waits, and are not kept
   */
  get(sharedBy: string, fetchSecret: () => Promise<string>): Promise<string> {
    // The wall clock besides the timer: a memory snapshot may be restored long after it was taken.
    if (this.#cached && Date.now() < this.#cached.expiresAt) return Promise.resolve(this.#cached.secret);
    const pending = this.#pending.get(sharedBy) ?? this.#fetch(sharedBy, fetchSecret);
    this.#pending.set(sharedBy, pending);
    return pending;
  }

  /** Forgets a secret that was refused, unless another has already taken its place. */
  drop(refused: string): void {
    if (this.#cached?.secret === refused) this.#cached = undefined;
  }

  async #fetch(sharedBy: string, fetchSecret: () => Promise<string>): Promise<string> {
    try {
      const secret = await fetchSecret();
      this.#cached = { secret, expiresAt: Date.now() + this.#maxAgeMs };
      // A session that falls silent keeps its memory for hours; the secret shall not stay in it.
      setTimeout(() => this.#forgetExpired(), this.#maxAgeMs).unref();
      return secret;
    } finally {
      this.#pending.delete(sharedBy);
    }
  }

  #forgetExpired(): void {
    if (this.#cached && Date.now() >= this.#cached.expiresAt) this.#cached = undefined;
  }
}
