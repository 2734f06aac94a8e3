import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiKeySource } from './api-key.ts';
import { certificateFault } from './certificate-errors.ts';
import { InvocationError } from './invocation-error.ts';
import { modelLimits } from './limits.ts';
import type { ModelRoute } from './model-route.ts';

const maxRetries = 2;
/** A provider that asks for a longer wait gets no retry: the caller is told instead. */
const maxWaitMs = 10_000;

const megabyte = 1024 * 1024;

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** What {@link createModelFetch} needs. */
export interface ModelFetchOptions {
  readonly apiKey: ApiKeySource;
  readonly keyHeader: ModelRoute['keyHeader'];
  /** How long the provider may send nothing, in milliseconds: before its answer and in the middle of it. */
  readonly silenceMs: number;
  /** Put in by tests. */
  readonly fetch?: Fetch;
}

/**
 * Makes the `fetch` that the OpenAI client sends its requests with. Beneath the client it does four things:
 * it puts the key into the header of the provider, and leaves out every header that nobody asked for;
 * a key that is refused with 401 is dropped, and a different one, if there is one by now, is tried once;
 * answers 429 and 5xx and connections that fail are tried again, at most twice, as soon as the provider allows, unless
 * waiting cannot help: a quota that is used up, a certificate that nobody trusts;
 * a provider that falls silent, or never ends, is given up. A redirect is not followed: prompt and key go where the
 * settings say, and nowhere else.
 *
 * @returns a fetch that rejects with an InvocationError (ModelTimeout, or what the source of the key threw) or with
 *   the network error of the last attempt
 */
export function createModelFetch({ apiKey, keyHeader, silenceMs, fetch = globalThis.fetch }: ModelFetchOptions): Fetch {
  async function send(input: string | URL | Request, init: RequestInit): Promise<Response> {
    const watchdog = createWatchdog(silenceMs);
    try {
      const signals = init.signal ? [init.signal, watchdog.signal] : [watchdog.signal];
      const response = await fetch(input, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) });
      return watchdog.guard(response);
    } catch (error) {
      watchdog.stop();
      throw error;
    }
  }

  async function sendWithRetries(input: string | URL | Request, init: RequestInit): Promise<Response> {
    for (let attempt = 0; ; attempt++) {
      const outcome = await send(input, init).catch(networkError);
      const wait = (await isFinal(outcome)) ? undefined : waitBeforeRetry(outcome, attempt);
      if (wait === undefined) {
        if (outcome instanceof Response) return outcome;
        throw outcome;
      }
      if (outcome instanceof Response) await outcome.body?.cancel();
      await sleep(wait, undefined, init.signal ? { signal: init.signal } : {});
    }
  }

  return async (input, init = {}) => {
    const sendWith = (key: string) => {
      const headers = plainHeaders(init.headers);
      headers.set(...keyHeader(key));
      return sendWithRetries(input, { ...init, headers });
    };
    const key = await apiKey.get();
    const response = await sendWith(key);
    if (response.status !== 401) return response;
    const fresh = await apiKey.replace(key);
    if (fresh === key) return response;
    await response.body?.cancel();
    return sendWith(fresh);
  };
}

/** The client adds others about this machine, and whatever stands in a variable of its own. */
const sentHeaders = ['accept', 'content-type', 'user-agent', 'openai-organization', 'openai-project'];

function plainHeaders(init: RequestInit['headers']): Headers {
  const given = new Headers(init);
  return new Headers(
    sentHeaders.flatMap((name): [string, string][] => {
      const value = given.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/** Errors that somebody meant (a time-out, a client that went away) go on; those of the network may be tried again. */
function networkError(error: unknown): Error {
  // What undici throws for a connection that failed; an abort carries its own reason instead.
  if (error instanceof TypeError) return error;
  throw error;
}

/** Whether asking again can change nothing. */
async function isFinal(outcome: Response | Error): Promise<boolean> {
  if (!(outcome instanceof Response)) return certificateFault(outcome) !== undefined;
  // OpenAI says so itself where it knows.
  if (outcome.headers.get('x-should-retry') === 'false') return true;
  if (outcome.status !== 429) return false;
  // A body that does not come is no reason against another attempt.
  const body = await outcome
    .clone()
    .text()
    .catch(() => '');
  return body.includes('"insufficient_quota"');
}

function waitBeforeRetry(outcome: Response | Error, attempt: number): number | undefined {
  if (attempt >= maxRetries) return undefined;
  // Half a second, then one, less up to a quarter, so that many agents do not come back together.
  const backoff = 500 * 2 ** attempt * (1 - Math.random() / 4);
  if (!(outcome instanceof Response)) return backoff;
  if (outcome.status !== 429 && outcome.status < 500) return undefined;
  const asked = retryAfterMs(outcome.headers);
  if (asked === undefined) return backoff;
  return asked <= maxWaitMs ? asked : undefined;
}

/** Azure says it in milliseconds as well. */
function retryAfterMs(headers: Headers): number | undefined {
  const exact = Number(headers.get('retry-after-ms') || Number.NaN);
  if (exact >= 0) return exact;
  const header = headers.get('retry-after');
  if (!header) return undefined;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}

function createBounds() {
  let inAll = 0;
  let sinceBlankLine = 0;
  let events = 0;
  const excess = (what: string) =>
    new InvocationError('ModelResponseInvalid', `The model provider sent more than ${what}.`);
  return {
    /** @returns why nothing more is read; undefined while all is well */
    excessOf(chunk: Uint8Array): InvocationError | undefined {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      inAll += bytes.length;
      sinceBlankLine += bytes.length;
      for (const blankLine of ['\n\n', '\r\n\r\n', '\r\r']) {
        for (let at = bytes.indexOf(blankLine); at >= 0; at = bytes.indexOf(blankLine, at + blankLine.length)) {
          events++;
          sinceBlankLine = Math.min(sinceBlankLine, bytes.length - at);
        }
      }
      if (sinceBlankLine > modelLimits.eventBytes)
        return excess(`${modelLimits.eventBytes / megabyte} MB in one piece`);
      if (inAll > modelLimits.responseBytes) return excess(`${modelLimits.responseBytes / megabyte} MB in one answer`);
      return events > modelLimits.events
        ? excess(`${modelLimits.events.toLocaleString('en')} events in one answer`)
        : undefined;
    },
  };
}

/** Aborts its signal when it has not seen a sign of life for a while. */
function createWatchdog(silenceMs: number) {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    const seconds = silenceMs / 1000;
    controller.abort(new InvocationError('ModelTimeout', `The model provider sent nothing for ${seconds} s.`));
  }, silenceMs);
  const stop = () => clearTimeout(timer);
  return {
    signal: controller.signal,
    stop,
    /** @returns the same response, whose body counts as a sign of life with every chunk */
    guard(response: Response): Response {
      timer.refresh();
      if (!response.body) {
        stop();
        return response;
      }
      const bounds = createBounds();
      const body = response.body.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, output) {
            timer.refresh();
            const excess = bounds.excessOf(chunk);
            if (excess === undefined) return output.enqueue(chunk);
            stop();
            output.error(excess);
          },
          flush: stop,
          cancel: stop,
        }),
      );
      const { status, statusText, headers } = response;
      return new Response(body, { status, statusText, headers });
    },
  };
}
