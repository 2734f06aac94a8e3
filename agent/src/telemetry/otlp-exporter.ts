import { setTimeout as sleep } from 'node:timers/promises';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { log } from '../log.ts';
import { redact } from '../redact.ts';
import type { TraceDestination } from './destination.ts';

const retryAfterMs = 500;

/** Sends spans as OTLP, http/protobuf. What does not arrive is lost, and the first time the log says why. */
export class OtlpExporter implements SpanExporter {
  readonly #destination: TraceDestination;
  readonly #timeoutMs: number;
  #hasComplained = false;

  /** @param timeoutMs how long one request and its repetition may take together, in milliseconds */
  constructor(destination: TraceDestination, timeoutMs: number) {
    this.#destination = destination;
    this.#timeoutMs = timeoutMs;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#send(spans).then(
      () => done({ code: ExportResultCode.SUCCESS }),
      (error: unknown) => {
        this.#complain(error);
        done({ code: ExportResultCode.FAILED });
      },
    );
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  async #send(spans: ReadableSpan[]): Promise<void> {
    const body = new Uint8Array(ProtobufTraceSerializer.serializeRequest(spans) ?? []);
    const signal = AbortSignal.timeout(this.#timeoutMs);
    const first = await this.#post(body, signal);
    if (first.ok) return;
    if (first.passing) await sleep(retryAfterMs, undefined, { signal });
    const last = first.passing ? await this.#post(body, signal) : first;
    if (!last.ok) throw new Error(last.reason);
  }

  async #post(body: Uint8Array<ArrayBuffer>, signal: AbortSignal) {
    const { url, sign } = this.#destination;
    const plain = { 'content-type': 'application/x-protobuf' };
    const headers = sign ? await sign(url, plain, body) : plain;
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
    const text = await response.text();
    return {
      ok: response.ok,
      passing: response.status === 429 || response.status >= 500,
      reason: `status ${response.status}: ${text}`,
    };
  }

  #complain(error: unknown): void {
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    log('warn', 'traces are lost', {
      destination: this.#destination.url.host,
      reason: redact(cause instanceof Error ? cause.message : String(cause)),
    });
  }
}
