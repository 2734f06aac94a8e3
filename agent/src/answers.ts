import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerEvent } from './answer-event.ts';
import { type ErrorBody, InvocationError } from './invocation-error.ts';
import type { RequestLimits } from './limits.ts';

/**
 * How an answer travels. Errors travel the same way, in a 200: AgentCore Runtime replaces every other answer of the
 * container by a 424 of its own that says nothing.
 */
export interface Answer {
  /** Takes one event; settles when the caller can take more. */
  write(event: AnswerEvent): Promise<void>;
  /** Ends the answer: all of it was written. */
  end(): void;
  /** Ends the answer early. */
  fail(error: ErrorBody): void;
}

/**
 * @param request its `Accept` header chooses: `text/event-stream`, or anything else for JSON
 * @param signal aborted when the caller is gone, so that nothing waits for it to read
 * @param limits how long a caller that is there may read nothing, whereupon `write` rejects; and how long the agent may
 *   say nothing
 */
export function answerTo(
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
  limits: RequestLimits,
): Answer {
  const wantsEvents = /\btext\/event-stream\b/i.test(request.headers.accept ?? '');
  return wantsEvents ? eventStreamAnswer(response, signal, limits) : jsonAnswer(response);
}

/** Each event has JSON as its data and goes as soon as it comes; an error is one last event. */
function eventStreamAnswer(response: ServerResponse, signal: AbortSignal, limits: RequestLimits): Answer {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': heartbeat\n\n');
  }, limits.heartbeatMs);
  response.once('close', () => clearInterval(heartbeat));
  return {
    async write(data) {
      heartbeat.refresh();
      if (!response.write(event(data))) await drained(response, signal, limits.unreadMs);
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
    async write(event) {
      if (typeof event === 'string') pieces.push(event);
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
