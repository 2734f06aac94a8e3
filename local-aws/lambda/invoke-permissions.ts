import { matchesWildcard } from '../iam/wildcard.ts';

/** A statement of a function's own policy, as AddPermission takes it: who else may invoke the function. */
export interface InvokePermission {
  readonly principal: string;
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
}

/** An AWS service that wants to invoke a function, and for what. */
export interface InvokingService {
  /** For example `events.amazonaws.com`. */
  readonly service: string;
  readonly sourceArn: string;
  readonly sourceAccount: string;
}

/** Whether one of a function's permissions is for this service and this source. */
export function permits(permissions: Iterable<InvokePermission>, caller: InvokingService): boolean {
  return [...permissions].some(
    ({ principal, sourceArn, sourceAccount }) =>
      principal === caller.service &&
      (sourceArn === undefined || matchesWildcard(caller.sourceArn, sourceArn)) &&
      (sourceAccount === undefined || sourceAccount === caller.sourceAccount),
  );
}
