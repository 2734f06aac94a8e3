import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerTo } from './answers.ts';
import type { App } from './app.ts';
import { readBody } from './body.ts';
import { asInvocationError, InvocationError } from './invocation-error.ts';
import { log } from './log.ts';
import { parsePayload } from './payload.ts';

/** The headers that AgentCore Runtime sends along, in the lower case of node:http. */
const runtimeHeaders = {
  sessionId: 'x-amzn-bedrock-agentcore-runtime-session-id',
  requestId: 'x-amzn-bedrock-agentcore-runtime-request-id',
  workloadAccessToken: 'x-amz-bedrock-agentcore-identity-wat',
  /** The same under the name that older platform versions use. */
  olderWorkloadAccessToken: 'workloadaccesstoken',
} as const;

/**
 * Serves one `POST /invocations`: reads the payload, asks the app, sends the answer or the error, logs one line.
 * It never rejects.
 *
 * @param shutdown aborted, with an InvocationError as the reason, when the process cannot wait any longer
 */
export async function serveInvocation(
  request: IncomingMessage,
  response: ServerResponse,
  loadApp: () => Promise<App>,
  shutdown: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  const sessionId = header(request, runtimeHeaders.sessionId);
  const requestId = header(request, runtimeHeaders.requestId) ?? randomUUID();
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) {
      gone.abort(new InvocationError('ClientClosedRequest', 'The caller went away before the end of the answer.'));
    }
  });
  const signal = AbortSignal.any([gone.signal, shutdown]);
  const answer = answerTo(request, response, signal);
  const finish = (error?: InvocationError) => {
    const level = error === undefined ? 'info' : error.code === 'InternalError' ? 'error' : 'warn';
    log(level, error === undefined ? 'invocation succeeded' : 'invocation failed', {
      sessionId,
      requestId,
      code: error?.code,
      reason: error?.message,
      detail: error?.detail,
      durationMs: Math.round(performance.now() - startedAt),
    });
  };
  try {
    const { prompt } = parsePayload(await readBody(request));
    const workloadAccessToken =
      header(request, runtimeHeaders.workloadAccessToken) ?? header(request, runtimeHeaders.olderWorkloadAccessToken);
    const app = await loadApp();
    for await (const text of app.answer({ prompt, sessionId, workloadAccessToken, signal })) await answer.write(text);
    answer.end();
    finish();
  } catch (error) {
    const known = toInvocationError(error, signal);
    answer.fail(known.toBody(requestId));
    finish(known);
  }
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return (Array.isArray(value) ? value[0] : value)?.trim() || undefined;
}

function toInvocationError(error: unknown, signal: AbortSignal): InvocationError {
  // Whatever was waited for when the caller went away, that is the reason.
  return asInvocationError(signal.aborted && signal.reason instanceof InvocationError ? signal.reason : error);
}
