import type { Principal } from './iam/principal.ts';

/** One call that local-aws answered. Neither input nor output is kept: they may hold a key. */
export interface JournalEntry {
  readonly at: Date;
  readonly requestId: string;
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly caller: Principal | undefined;
  readonly status: number;
  /** The AWS error code, when the call failed. */
  readonly errorCode?: string;
  readonly errorMessage?: string;
}
