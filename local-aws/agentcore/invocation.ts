import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AwsError } from '../errors.ts';
import type { RawOutput } from '../http/rest-json.ts';
import type { Call } from '../service.ts';
import type { AgentSession } from './agent-session.ts';

const headerPrefix = 'x-amzn-bedrock-agentcore-runtime-';
/** The headers of an invocation, in lower case. */
export const headerNames = {
  sessionId: `${headerPrefix}session-id`,
  userId: `${headerPrefix}user-id`,
  requestId: `${headerPrefix}request-id`,
  custom: `${headerPrefix}custom-`,
} as const;

/** Measured by others: AgentCore sends the workload access token under each of these names. */
export const workloadTokenHeaders = [
  'workloadaccesstoken',
  'x-amz-bedrock-agentcore-identity-wat',
  `${headerPrefix}workload-accesstoken`,
] as const;

/** Headers that callers may pass through any runtime. */
const passed = new Set(['content-type', 'accept', 'x-amzn-trace-id', 'traceparent', 'tracestate', 'baggage']);
/** What no caller may put into a container, allow-listed or not: it would pass for the service's own word. */
const spoofable = new Set<string>(workloadTokenHeaders);
const maxPayload = 100 * 1024 * 1024;

/**
 * The session id that a caller gave, or a new one.
 *
 * @throws AwsError ValidationException
 */
export function sessionIdOf({ request }: Call): string {
  const given = request.headers[headerNames.sessionId];
  if (given === undefined) return randomUUID();
  if (given.length >= 33 && given.length <= 256) return given;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${given}' at 'runtimeSessionId' failed to satisfy constraint: Member must have length ${given.length < 33 ? 'greater than or equal to 33' : 'less than or equal to 256'}`,
  );
}

/**
 * Sends an invocation to its session's container and passes the answer on as it comes.
 *
 * @param workloadToken for the container, when the caller named a user
 * @throws AwsError RuntimeClientError for a container that fails: what it answered is not shown to the caller
 */
export async function invoke(
  session: AgentSession,
  call: Call,
  payload: Buffer,
  workloadToken: string | undefined,
): Promise<RawOutput> {
  if (payload.length > maxPayload) throw new AwsError('ValidationException', 'The payload is larger than 100 MB.');
  const { process, release } = await session.acquire();
  const { sessionId, version } = session.options;
  const allowed = version.definition.requestHeaderConfiguration?.requestHeaderAllowlist ?? [];
  const headers = {
    ...passedHeaders(call.request.headers, allowed),
    'content-length': String(payload.length),
    [headerNames.sessionId]: sessionId,
    [headerNames.requestId]: call.requestId,
    'x-amzn-requestid': call.requestId,
    ...(workloadToken && Object.fromEntries(workloadTokenHeaders.map((name) => [name, workloadToken]))),
  };
  let response: IncomingMessage;
  try {
    response = await process.send('POST', '/invocations', headers, payload, call.request.signal);
  } catch {
    // A container that broke off and does not answer a ping either is gone, or as good as gone.
    if (!call.request.signal.aborted && (await process.ping()) === undefined) await session.end();
    release();
    throw runtimeError(502);
  }
  response.once('close', release);
  const status = response.statusCode ?? 502;
  if (status < 200 || status > 299) {
    response.resume();
    throw runtimeError(status);
  }
  return {
    httpResponse: {
      status,
      headers: {
        'content-type': response.headers['content-type'] ?? 'application/octet-stream',
        [headerNames.sessionId]: sessionId,
        'x-amzn-requestid': call.requestId,
      },
      body: response,
    },
  };
}

function passedHeaders(given: Readonly<Record<string, string>>, allowList: readonly string[]): Record<string, string> {
  const allowed = new Set(allowList.map((name) => name.toLowerCase()));
  const may = (name: string) =>
    !spoofable.has(name) && (passed.has(name) || allowed.has(name) || name.startsWith(headerNames.custom));
  return Object.fromEntries(Object.entries(given).filter(([name]) => may(name)));
}

function runtimeError(status: number): AwsError {
  return new AwsError(
    'RuntimeClientError',
    `Received error (${status}) from runtime. Please check your CloudWatch logs for more information.`,
    424,
  );
}
