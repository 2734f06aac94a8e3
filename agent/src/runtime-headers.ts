import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { InvocationError } from './invocation-error.ts';

/** A workload access token as it came with a request. */
export interface WorkloadAccessToken {
  readonly value: string;
  /** Whether it came under a name that AgentCore Runtime alone uses; another may be the caller's own. */
  readonly delivered: boolean;
}

/** In the lower case of node:http; of each list, the first that is there counts. */
const names = {
  sessionId: ['x-amzn-bedrock-agentcore-runtime-session-id'],
  requestId: ['x-amzn-bedrock-agentcore-runtime-request-id', 'x-amzn-requestid'],
} as const;
/** AgentCore Runtime sends the token under each of these names, and under the next. */
const deliveredTokenNames = ['workloadaccesstoken', 'x-amzn-bedrock-agentcore-runtime-workload-accesstoken'];
/** AWS's own SDKs send it along under this name when one agent invokes another: a caller may have written it. */
const passedOnTokenName = 'x-amz-bedrock-agentcore-identity-wat';

/** @returns undefined for a request outside of a session, or with an id that AgentCore would not give */
export function sessionIdOf(request: IncomingMessage): string | undefined {
  return idOf(request, names.sessionId);
}

const madeIds = new WeakMap<IncomingMessage, string>();

/** @returns the id that AgentCore gave the request, or one of our own, the same each time */
export function requestIdOf(request: IncomingMessage): string {
  const id = idOf(request, names.requestId) ?? madeIds.get(request) ?? randomUUID();
  madeIds.set(request, id);
  return id;
}

/**
 * @returns undefined if the request brings none
 * @throws InvocationError WorkloadAccessTokenConflict for several that differ: one of them is not AgentCore's, and
 *   nothing says which
 */
export function workloadAccessTokenOf(request: IncomingMessage): WorkloadAccessToken | undefined {
  const delivered = deliveredTokenNames.flatMap((name) => valuesOf(request, name));
  const [value, ...others] = new Set([...delivered, ...valuesOf(request, passedOnTokenName)]);
  if (others.length > 0) {
    throw new InvocationError(
      'WorkloadAccessTokenConflict',
      'The request brings several workload access tokens that differ: leave the token to AgentCore Runtime.',
    );
  }
  return value === undefined ? undefined : { value, delivered: delivered.length > 0 };
}

/** An id goes into the log and back to the caller: one line of printable ASCII, sent once. */
function idOf(request: IncomingMessage, candidates: readonly string[]): string | undefined {
  for (const name of candidates) {
    const [id, ...others] = valuesOf(request, name);
    if (id !== undefined && others.length === 0 && /^[\x21-\x7e]{1,256}$/.test(id)) return id;
  }
  return undefined;
}

function valuesOf(request: IncomingMessage, name: string): string[] {
  return (request.headersDistinct[name] ?? []).map((value) => value.trim()).filter((value) => value !== '');
}
