/** One HTTP request to local-aws, read whole. */
export interface HttpRequest {
  readonly method: string;
  /** The path as sent, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Aborts when the client goes away before the answer has ended. */
  readonly signal: AbortSignal;
}

/** The answer: a body that is whole, or one that arrives in pieces. */
export interface HttpResponse {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer | AsyncIterable<Uint8Array>;
}
