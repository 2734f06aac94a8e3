import type {
  ChangeSetStatus,
  ExecutionStatus,
  ResourceAttribute,
  ResourceChange,
  ResourceChangeDetail,
} from '@aws-sdk/client-cloudformation';
import type { OnFailure } from './engine/run.ts';
import type { Configuration } from './stack.ts';

/** A change set of a stack. */
export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly type: 'CREATE' | 'UPDATE';
  readonly created: Date;
  readonly description?: string;
  readonly clientToken?: string;
  readonly roleArn?: string;
  readonly onFailure?: OnFailure;
  readonly configuration: Configuration;
  readonly changes: readonly PlannedChange[];
  readonly status: ChangeSetStatus;
  readonly statusReason?: string;
  executionStatus: ExecutionStatus;
}

/** What a change set says of one resource. */
export interface PlannedChange {
  readonly action: 'Add' | 'Modify' | 'Remove';
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly type: string;
  readonly policyAction?: ResourceChange['PolicyAction'];
  readonly replacement?: 'True' | 'False' | 'Conditional';
  readonly scope: readonly ResourceAttribute[];
  readonly details: readonly ResourceChangeDetail[];
  /** The resource before and after, for `IncludePropertyValues`. */
  readonly before?: unknown;
  readonly after?: unknown;
}
