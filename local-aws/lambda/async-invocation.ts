import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from '../errors.ts';
import type { ErrorPayload } from './bootstrap.ts';
import type { InvocationResult, LambdaFunction } from './functions.ts';

/** Milliseconds to wait before each repetition of an event that a function failed on. AWS waits one minute, then two. */
export const retryDelays: { milliseconds: readonly number[] } = { milliseconds: [200, 400] };

/** How a function's asynchronous events are treated (`PutFunctionEventInvokeConfig`). */
export interface EventInvokeConfig {
  /** 0 to 2, the default. */
  readonly maximumRetryAttempts?: number;
  /** 60 to 21600, the default. */
  readonly maximumEventAgeInSeconds?: number;
  /** ARN of the queue for events that the function failed on to the end. */
  readonly onFailure?: string;
}

/** An event that a function failed on to the end, or that nobody could give to it any more. */
export interface FailedEvent {
  readonly requestId: string;
  readonly condition: 'RetriesExhausted' | 'EventAgeExceeded' | 'ZeroReservedConcurrency';
  readonly invokeCount: number;
  readonly payload: unknown;
  /** What the function threw; missing when it was not run at all. */
  readonly error?: ErrorPayload;
}

/** What an asynchronous invocation needs of the functions. */
export interface AsynchronousRun {
  /** The function as it is now; undefined once it was deleted, or everything was closed. */
  readonly current: () => { readonly fn: LambdaFunction; readonly config: EventInvokeConfig } | undefined;
  readonly invoke: (requestId: string) => Promise<InvocationResult>;
  readonly payload: unknown;
}

/**
 * Runs an event as Lambda runs one that nobody waits for: an event that the function fails on is repeated twice, also
 * when the function had done its work before it failed; one that is throttled is kept until it is too old.
 *
 * @returns the event, if it failed to the end
 */
export async function runAsynchronously({
  current,
  invoke,
  payload,
}: AsynchronousRun): Promise<FailedEvent | undefined> {
  const requestId = randomUUID();
  const started = Date.now();
  let invokeCount = 0;
  let error: ErrorPayload | undefined;
  for (;;) {
    const state = current();
    if (!state) return undefined;
    const { maximumRetryAttempts = 2, maximumEventAgeInSeconds = 21_600 } = state.config;
    const failed = (condition: FailedEvent['condition']): FailedEvent => ({
      requestId,
      condition,
      invokeCount,
      payload,
      ...(error ? { error } : {}),
    });
    if (state.fn.configuration.reservedConcurrentExecutions === 0) return failed('ZeroReservedConcurrency');
    if (invokeCount > maximumRetryAttempts) return failed('RetriesExhausted');
    if (Date.now() - started > maximumEventAgeInSeconds * 1000) return failed('EventAgeExceeded');
    try {
      const result = await invoke(requestId);
      invokeCount++;
      if (!result.functionError) return undefined;
      error = result.payload as ErrorPayload;
      if (invokeCount > maximumRetryAttempts) continue;
    } catch (thrown) {
      if (!(thrown instanceof AwsError)) throw thrown;
      // Throttled, or without its role: Lambda keeps the event, and does not count that as a run.
    }
    const delays = retryDelays.milliseconds;
    await sleep(delays[Math.max(0, invokeCount - 1)] ?? delays.at(-1) ?? 0, undefined, { ref: false });
  }
}

/** What Lambda sends to a dead-letter queue: the event itself, and about it only what fits beside it. */
export function deadLetter({ requestId, payload, error }: FailedEvent) {
  return {
    body: JSON.stringify(payload),
    attributes: {
      RequestID: requestId,
      ErrorCode: error ? '200' : '429',
      ErrorMessage: (error?.errorMessage ?? 'Rate Exceeded.').slice(0, 1024),
    },
  };
}

/** What Lambda sends to an on-failure destination: a record of the whole story. */
export function failureRecord({ arn }: LambdaFunction, failed: FailedEvent) {
  const { requestId, condition, invokeCount, payload, error } = failed;
  const record = {
    version: '1.0',
    timestamp: new Date().toISOString(),
    requestContext: { requestId, functionArn: `${arn}:$LATEST`, condition, approximateInvokeCount: invokeCount },
    requestPayload: payload,
    ...(error
      ? {
          responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
          responsePayload: error,
        }
      : {}),
  };
  return { body: JSON.stringify(record) };
}
