import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ErrorBody, InvocationError } from './invocation-error.ts';

/**
 * How an answer travels. Errors travel the same way, in a 200: AgentCore Runtime replaces every other answer of the
 * container by a 424 of its own that says nothing.
 */
export interface Answer {
  /** Takes one piece of the text; settles when the caller can take more. */
  write(text: string): Promise<void>;
  /** Ends the answer: all of it was written. */
  end(): void;
  /** Ends the answer early. */
  fail(error: ErrorBody): void;
}

/**
 * @param request its `Accept` header chooses: `text/event-stream`, or anything else for JSON
 * @param signal aborted when the caller is gone, so that nothing waits for it to read
 * @param unreadMs how long a caller that is there may read nothing, in milliseconds; `write` rejects then
 */
export function answerTo(
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
  unreadMs: number,
): Answer {
  const wantsEvents = /\btext\/event-stream\b/i.test(request.headers.accept ?? '');
  return wantsEvents ? eventStreamAnswer(response, signal, unreadMs) : jsonAnswer(response);
}

/** Each piece is one event whose data is a JSON string, as soon as it comes; an error is one last event. */
function eventStreamAnswer(response: ServerResponse, signal: AbortSignal, unreadMs: number): Answer {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;
  return {
    async write(text) {
      if (!response.write(event(text))) await drained(response, signal, unreadMs);
    },
    end: () => void response.end(),
    fail: (error) => void response.end(event(error)),
  };
}

async function drained(response: ServerResponse, signal: AbortSignal, unreadMs: number): Promise<void> {
  const patience = AbortSignal.timeout(unreadMs);
  try {
    await once(response, 'drain', { signal: AbortSignal.any([signal, patience]) });
  } catch (error) {
    if (!patience.aborted) throw error;
    response.destroy();
    throw new InvocationError('ClientClosedRequest', `The caller read nothing of the answer for ${unreadMs / 1000} s.`);
  }
}

/** One JSON string with the whole text, or a JSON object with the error. */
function jsonAnswer(response: ServerResponse): Answer {
  const pieces: string[] = [];
  return {
    async write(text) {
      pieces.push(text);
    },
    end: () => sendJson(response, 200, pieces.join('')),
    fail: (error) => sendJson(response, 200, error),
  };
}

/** Sends a whole JSON body; without a charset, as clients compare the type with `application/json`. */
export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}
