import { isAccessDenied, isTransient } from '../../../custom-resource/handler/faults.ts';
import type { Patience } from '../../../custom-resource/handler/patience.ts';
import type { Calls } from './calls.ts';

/** Milliseconds until what was attached to a role is known everywhere. */
const propagation = 20_000;

/** What every step of a run has at hand. */
export interface Work {
  readonly calls: Calls;
  /** Id (ARN) of the stack, which owns the log groups. */
  readonly stackId: string;
  /** Makes a call, and waits out what passes by itself. */
  call<T>(make: () => Promise<T>): Promise<T>;
}

/** @param policiesAreNew whether the role's policy may have been made a moment ago: then a denied access is waited out */
export function workOf(calls: Calls, patience: Patience, stackId: string, policiesAreNew: boolean): Work {
  const again = (error: unknown) =>
    isTransient(error) || (policiesAreNew && isAccessDenied(error) && patience.elapsed < propagation);
  return { calls, stackId, call: (make) => patience.repeat(make, again) };
}

/** ARN of a log group of the stack's account and Region, as tags are put on it. */
export function arnOf({ stackId }: Pick<Work, 'stackId'>, logGroupName: string): string {
  const [, partition, , region, account] = stackId.split(':');
  return `arn:${partition}:logs:${region}:${account}:log-group:${logGroupName}`;
}
