import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerEvent, Usage } from './answer-event.ts';
import { answerTo } from './answers.ts';
import type { App } from './app.ts';
import { readBody } from './body.ts';
import { asInvocationError, InvocationError } from './invocation-error.ts';
import type { RequestLimits } from './limits.ts';
import { log } from './log.ts';
import { parsePayload } from './payload.ts';
import { requestIdOf, sessionIdOf, workloadAccessTokenOf } from './runtime-headers.ts';

/** How long the sender of a request that was refused before its end may take to end it, in milliseconds. */
const lingerMs = 1000;

/**
 * Serves one `POST /invocations`: reads the payload, asks the app, sends the answer or the error, logs one line.
 * It never rejects.
 *
 * @param shutdown aborted, with an InvocationError as the reason, when the process cannot wait any longer
 * @param traceId goes into the log
 * @returns what went wrong, as the caller was told
 */
export async function serveInvocation(
  request: IncomingMessage,
  response: ServerResponse,
  loadApp: () => Promise<App>,
  shutdown: AbortSignal,
  limits: RequestLimits,
  traceId?: string,
): Promise<InvocationError | undefined> {
  const startedAt = performance.now();
  const sessionId = sessionIdOf(request);
  const requestId = requestIdOf(request);
  // Not a signal that depends on the other: whatever listens to it would stay in memory as long as the process lives.
  const end = new AbortController();
  const { signal } = end;
  const endWithProcess = () => end.abort(shutdown.reason);
  if (shutdown.aborted) endWithProcess();
  shutdown.addEventListener('abort', endWithProcess);
  response.once('close', () => {
    shutdown.removeEventListener('abort', endWithProcess);
    if (!response.writableFinished) {
      end.abort(new InvocationError('ClientClosedRequest', 'The caller went away before the end of the answer.'));
    }
  });
  const answer = answerTo(request, response, signal, limits);
  let usage: Usage | undefined;
  const finish = (error?: InvocationError) => {
    const level = error === undefined ? 'info' : error.code === 'InternalError' ? 'error' : 'warn';
    log(level, error === undefined ? 'invocation succeeded' : 'invocation failed', {
      sessionId,
      requestId,
      traceId,
      code: error?.code,
      reason: error?.message,
      detail: error?.detail,
      inputTokens: usage?.inputTokens,
      outputTokens: usage?.outputTokens,
      durationMs: Math.round(performance.now() - startedAt),
    });
  };
  try {
    const { prompt } = parsePayload(await readBody(request, limits.bodyMs));
    const workloadAccessToken = workloadAccessTokenOf(request);
    const app = await loadApp();
    for await (const event of app.answer({ prompt, sessionId, workloadAccessToken, signal })) {
      usage = usageOf(event) ?? usage;
      await answer.write(event);
    }
    answer.end();
    finish();
    return undefined;
  } catch (error) {
    const known = toInvocationError(error, signal);
    answer.fail(known.toBody(requestId));
    finish(known);
    hangUp(request, response);
    return known;
  }
}

function usageOf(event: AnswerEvent): Usage | undefined {
  return typeof event === 'object' && 'messageStop' in event ? event.messageStop.usage : undefined;
}

/** Ends the connection of a request that was refused before its end, unless the rest of it comes soon. */
function hangUp(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return;
  const end = () => void (request.complete || request.socket.destroy());
  response.once('finish', () => setTimeout(end, lingerMs).unref());
}

function toInvocationError(error: unknown, signal: AbortSignal): InvocationError {
  // Whatever was waited for when the caller went away, that is the reason.
  return asInvocationError(signal.aborted && signal.reason instanceof InvocationError ? signal.reason : error);
}
