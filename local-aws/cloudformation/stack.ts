import { randomUUID } from 'node:crypto';
import type { ResourceStatus, StackStatus } from '@aws-sdk/client-cloudformation';
import type { ChangeSet } from './change-set.ts';
import type { Properties } from './resource-provider.ts';
import { mapTexts } from './template/dynamic-references.ts';
import type { ParameterValue } from './template/parameters.ts';
import type { DeletionPolicy, Template } from './template/template.ts';

/** A resource of a stack as it is now. Never changed in place: a rollback compares with the records of before. */
export interface ResourceRecord {
  readonly logicalId: string;
  readonly type: string;
  /** Missing while it is made, and when that failed. */
  readonly physicalId?: string;
  readonly ref?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** With every function resolved, but with `{{resolve:secretsmanager:…}}` as written: no value of a secret is kept. */
  readonly properties: Properties;
  readonly dependsOn: ReadonlySet<string>;
  readonly deletionPolicy: DeletionPolicy;
  readonly updateReplacePolicy: DeletionPolicy;
  readonly metadata?: unknown;
  readonly status: ResourceStatus;
  readonly statusReason?: string;
  readonly lastUpdated: Date;
}

/** An output of a stack. */
export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

/** One line of a stack's history. */
export interface RecordedEvent {
  readonly id: string;
  readonly operationId: string;
  readonly timestamp: Date;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: ResourceStatus;
  readonly reason?: string;
  /** JSON, with the values of NoEcho parameters masked. */
  readonly properties?: string;
  readonly clientRequestToken?: string;
}

/** What a deployment makes of a stack, and what a rollback returns to. */
export interface Configuration {
  readonly template: Template;
  readonly templateBody: string;
  readonly parameters: ReadonlyMap<string, ParameterValue>;
  readonly tags: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
}

/** The last state of a stack that was complete. */
export interface Snapshot {
  readonly configuration: Configuration | undefined;
  readonly resources: ReadonlyMap<string, ResourceRecord>;
  readonly imports: ReadonlySet<string>;
}

/** A stack: what it is made of and what happened to it. */
export class Stack {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly created = new Date();
  status: StackStatus = 'REVIEW_IN_PROGRESS';
  statusReason: string | undefined;
  lastUpdated: Date | undefined;
  deleted: Date | undefined;
  roleArn: string | undefined;
  changeSetId: string | undefined;
  disableRollback = false;
  terminationProtection = false;
  configuration: Configuration | undefined;
  outputs: readonly StackOutput[] = [];
  /** The names of the exports that this stack imports. */
  imports: ReadonlySet<string> = new Set();
  resources = new Map<string, ResourceRecord>();
  /** Where a rollback leads; undefined while the stack has never been complete. */
  lastStable: Snapshot | undefined;
  /** Physical resources that were replaced: deleted in the clean-up, or kept by a rollback. */
  replaced: ResourceRecord[] = [];
  readonly changeSets = new Map<string, ChangeSet>();
  readonly events: RecordedEvent[] = [];
  /** Settles when the operation under way has ended, whatever its end. */
  running: Promise<void> | undefined;

  constructor(place: { partition: string; account: string; region: string }, name: string) {
    this.name = name;
    this.region = place.region;
    this.id = `arn:${place.partition}:cloudformation:${place.region}:${place.account}:stack/${name}/${randomUUID()}`;
  }

  get inProgress(): boolean {
    return this.status.endsWith('_IN_PROGRESS') && this.status !== 'REVIEW_IN_PROGRESS';
  }

  /** Sets the stack's status and records it as an event. */
  setStatus(status: StackStatus, operation: EventOrigin, reason?: string): void {
    this.status = status;
    this.statusReason = reason;
    this.#record({
      id: randomUUID(),
      logicalId: this.name,
      physicalId: this.id,
      type: 'AWS::CloudFormation::Stack',
      status: status as ResourceStatus,
      operation,
      reason,
    });
  }

  /** Sets a resource's record and records its status as an event. */
  setResource(record: ResourceRecord, operation: EventOrigin): void {
    this.resources.set(record.logicalId, record);
    this.recordResource(record, operation);
  }

  /** Records an event of a resource that is not, or no longer, the stack's current one. */
  recordResource(
    { logicalId, physicalId, type, status, statusReason, properties }: ResourceRecord,
    operation: EventOrigin,
  ): void {
    this.#record({
      logicalId,
      physicalId: physicalId ?? '',
      type,
      status,
      operation,
      reason: statusReason,
      properties: JSON.stringify(this.#masked(properties)),
    });
  }

  #record({
    operation,
    reason,
    properties,
    ...event
  }: Omit<RecordedEvent, 'id' | 'operationId' | 'timestamp' | 'reason' | 'properties'> & {
    id?: string;
    operation: EventOrigin;
    reason: string | undefined;
    properties?: string;
  }): void {
    // The CLI sorts events by time and tells them apart by an id that contains it: no two may share a millisecond.
    const timestamp = new Date(Math.max(Date.now(), (this.events.at(-1)?.timestamp.getTime() ?? 0) + 1));
    this.events.push({
      id: `${event.logicalId}-${event.status}-${timestamp.toISOString()}`,
      ...event,
      timestamp,
      operationId: operation.id,
      ...(reason === undefined ? {} : { reason }),
      ...(properties === undefined ? {} : { properties }),
      ...(operation.clientRequestToken === undefined ? {} : { clientRequestToken: operation.clientRequestToken }),
    });
  }

  #masked(value: unknown): unknown {
    return maskNoEcho(value, this.configuration?.parameters);
  }
}

/** The operation that an event belongs to. */
export interface EventOrigin {
  readonly id: string;
  readonly clientRequestToken?: string;
}

/** Replaces the values of NoEcho parameters, wherever they stand in a value, by `****`. */
export function maskNoEcho(value: unknown, parameters: ReadonlyMap<string, ParameterValue> | undefined): unknown {
  const hidden = [...(parameters?.values() ?? [])].filter(({ noEcho }) => noEcho);
  const texts = hidden.flatMap(({ given, value: used }) => [given, ...[used].flat()]).filter((text) => text !== '');
  if (texts.length === 0) return value;
  return mapTexts(value, (text) => texts.reduce((masked, secret) => masked.replaceAll(secret, '****'), text));
}
