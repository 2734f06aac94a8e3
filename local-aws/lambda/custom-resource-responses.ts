import { randomBytes } from 'node:crypto';
import type { Aws } from '../aws.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';

const routeName = 'custom-resource-response';
const receivers = new WeakMap<Aws, Map<string, (body: Buffer) => void>>();

/** A ResponseURL that waits for its one answer. */
export interface ResponseUrl {
  readonly url: string;
  /** The body of the PUT; undefined when none came in time. */
  readonly body: Promise<Buffer | undefined>;
  /** Ends the wait before its time. */
  close(): void;
}

/**
 * Makes a one-time URL, as CloudFormation pre-signs one for each custom resource event.
 *
 * @param timeout milliseconds; an answer that comes later is refused
 */
export function openResponseUrl(aws: Aws, timeout: number): ResponseUrl {
  const waiting = waitingResponses(aws);
  const token = randomBytes(32).toString('base64url');
  let close = () => {};
  const body = new Promise<Buffer | undefined>((resolve) => {
    const timer = setTimeout(() => settle(undefined), timeout).unref();
    const settle = (received: Buffer | undefined) => {
      clearTimeout(timer);
      waiting.delete(token);
      resolve(received);
    };
    waiting.set(token, settle);
    close = () => settle(undefined);
  });
  return { url: `${aws.endpoint}/_local-aws/${routeName}/${token}`, body, close };
}

function waitingResponses(aws: Aws): Map<string, (body: Buffer) => void> {
  const earlier = receivers.get(aws);
  if (earlier) return earlier;
  const waiting = new Map<string, (body: Buffer) => void>();
  receivers.set(aws, waiting);
  aws.internalRoutes.set(routeName, async (request) => receive(waiting, request));
  return waiting;
}

function receive(waiting: Map<string, (body: Buffer) => void>, request: HttpRequest): HttpResponse {
  const settle = waiting.get(request.path.slice(request.path.lastIndexOf('/') + 1));
  if (request.method !== 'PUT') return refusal(405, 'A ResponseURL takes PUT only.');
  // Some Regions sign the URL with an empty Content-Type: there, S3 refuses any other.
  if (request.headers['content-type']) {
    return refusal(403, 'SignatureDoesNotMatch: send the answer to a ResponseURL with an empty Content-Type.');
  }
  if (!settle) return refusal(403, 'This ResponseURL was used already, or its time is over.');
  settle(request.body);
  return { status: 200, headers: {} };
}

function refusal(status: number, body: string): HttpResponse {
  return { status, headers: { 'content-type': 'text/plain' }, body };
}
