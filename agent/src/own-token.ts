/** Of a life that AWS does not document: a token is replaced before it is likely to be refused. */
const maxAgeMs = 10 * 60 * 1000;

/** Keeps the workload access token of the agent's own workload identity for a while. */
export class OwnTokenCache {
  #cached: { readonly token: string; readonly expiresAt: number } | undefined;

  /** @param fetchToken asked only if there is no token in memory; its errors are not kept */
  async get(fetchToken: () => Promise<string>): Promise<string> {
    // The wall clock, for the memory snapshots of the platform: see ApiKeyCache.
    if (this.#cached && Date.now() < this.#cached.expiresAt) return this.#cached.token;
    const token = await fetchToken();
    this.#cached = { token, expiresAt: Date.now() + maxAgeMs };
    return token;
  }

  /** Forgets a token that was refused, unless another has already taken its place. */
  drop(refused: string): void {
    if (this.#cached?.token === refused) this.#cached = undefined;
  }
}
