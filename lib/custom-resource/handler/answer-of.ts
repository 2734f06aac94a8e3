import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import { serviceTimeout } from '../timeouts.ts';
import { reasonOf } from './faults.ts';
import type { Log } from './log.ts';
import type { Clock } from './patience.ts';
import { Refusal } from './refusal.ts';

/** Milliseconds that are left of Lambda's time for the answer: its tries, and a call that began at the last moment. */
const timeToAnswer = 25_000;

/** What an event came to. */
export interface Applied {
  readonly physicalId: string;
  /** What `Fn::GetAtt` can ask for. */
  readonly attributes?: object;
  /** For the log. */
  readonly done?: string;
}

/** What the rules of a resource say of one event. */
export interface Rules {
  /** @param remainingTime milliseconds, those for the answer included */
  apply(remainingTime: number): Promise<Applied>;
  /** Marks a create that failed: CloudFormation sends a delete for it. */
  idOfFailedCreate(error: unknown): string;
}

/**
 * Does what one event of CloudFormation asks for, if it is not too late for that, and logs it.
 *
 * @param around its clock's `now` is the time since 1970; the time that remains is milliseconds until Lambda ends the function
 * @returns the answer for CloudFormation; a failure is an answer too, with the reason in one sentence
 */
export async function answerOf(
  event: CloudFormationCustomResourceEvent,
  around: { readonly log: Log; readonly clock: Clock; readonly remainingTime: number },
  rules: Rules,
): Promise<CloudFormationCustomResourceResponse> {
  const { log, clock } = around;
  const { RequestType, StackId, RequestId, LogicalResourceId } = event;
  const about = { requestType: RequestType, stackId: StackId, logicalId: LogicalResourceId };
  const identification = { StackId, RequestId, LogicalResourceId };
  try {
    const remaining = timeUntilTimeout(event, clock.now());
    if (remaining <= timeToAnswer) {
      throw new Refusal('The event came too late: CloudFormation waits for its answer no longer.');
    }
    const { physicalId, attributes, done } = await rules.apply(Math.min(around.remainingTime, remaining));
    log({ level: 'info', message: done ?? 'done', ...about, physicalId });
    return {
      Status: 'SUCCESS',
      PhysicalResourceId: physicalId,
      ...identification,
      ...(attributes && { Data: { ...attributes } }),
    };
  } catch (error) {
    const reason = reasonOf(error);
    log({ level: 'error', message: reason, ...about });
    const physicalId = event.RequestType === 'Create' ? rules.idOfFailedCreate(error) : event.PhysicalResourceId;
    return { Status: 'FAILED', Reason: reason, PhysicalResourceId: physicalId, ...identification };
  }
}

/** @returns the milliseconds that are left for the work itself */
export function timeToWork(remainingTime: number): number {
  return Math.max(0, remainingTime - timeToAnswer);
}

/**
 * Milliseconds until CloudFormation no longer waits for the answer: it has signed the ResponseURL when it sent the event.
 * Lambda repeats a run that was killed, and may do so when the rollback is over.
 */
function timeUntilTimeout(
  event: CloudFormationCustomResourceEvent & { ServiceTimeout?: unknown },
  now: number,
): number {
  const { ResponseURL, ResourceProperties, ServiceTimeout } = event;
  const signed = /[?&]X-Amz-Date=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(ResponseURL);
  if (!signed) return Number.POSITIVE_INFINITY;
  const [year = 0, month = 0, ...rest] = signed.slice(1).map(Number);
  // AWS was seen to send it in either place.
  const seconds = Number(ServiceTimeout ?? ResourceProperties.ServiceTimeout ?? serviceTimeout);
  return Date.UTC(year, month - 1, ...(rest as [number])) + seconds * 1_000 - now;
}
