import type { ResourceRecord, Snapshot, Stack } from '../stack.ts';
import { type Deletion, deleteResources } from './deletions.ts';
import { runGraph } from './graph.ts';
import type { Operation } from './operation.ts';

/**
 * Undoes a create: deletes all that it made, except what is to be retained.
 *
 * @returns the resources that could not be deleted
 */
export async function rollBackCreate(operation: Operation): Promise<ResourceRecord[]> {
  const { stack } = operation;
  return deleteResources(
    operation,
    stack.configuration,
    [...stack.resources.values()].map((record) => ({ record, policy: policyOnCreateRollback(record) })),
    (record) => stack.resources.delete(record.logicalId),
  );
}

/**
 * Brings what an update changed back to the last complete state. What was replaced is there again at once; what was
 * changed in place is updated with its old properties. The new resources stay until `cleanUpRolledBack`.
 *
 * @param skip logical ids to leave as they are (`ResourcesToSkip`)
 * @returns the logical ids that could not be brought back
 */
export async function rollBackUpdate(
  operation: Operation,
  target: Snapshot,
  skip: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const { stack } = operation;
  const changed = [...target.resources.values()].filter((before) => stack.resources.get(before.logicalId) !== before);
  const graph = new Map(changed.map((before) => [before.logicalId, before.dependsOn]));
  const failures = await runGraph(
    graph,
    async (logicalId) => {
      const before = target.resources.get(logicalId) as ResourceRecord;
      const now = stack.resources.get(logicalId);
      if (skip.has(logicalId)) {
        const reason = 'Resource skipped during UpdateRollback';
        stack.setResource({ ...before, status: 'UPDATE_COMPLETE', statusReason: reason }, operation);
        return;
      }
      await restore(operation, target, before, now);
    },
    true,
  );
  return [...failures.keys()];
}

async function restore(
  operation: Operation,
  target: Snapshot,
  before: ResourceRecord,
  now: ResourceRecord | undefined,
): Promise<void> {
  const { stack } = operation;
  const isUntouched = now === undefined || (now.physicalId === before.physicalId && isQuiet(now, before));
  if (isUntouched || before.physicalId === undefined || now.physicalId === undefined) {
    stack.resources.set(before.logicalId, before);
    if (now?.status === 'UPDATE_FAILED') stack.setResource(finished(before), operation);
    return;
  }
  const isCustom =
    operation.provider(before.type).type.endsWith('::') || before.type === 'AWS::CloudFormation::CustomResource';
  if (now.physicalId !== before.physicalId && !isCustom) {
    leaveBehind(stack, now, before);
    stack.setResource(finished(before), operation);
    return;
  }
  stack.setResource({ ...before, physicalId: now.physicalId, status: 'UPDATE_IN_PROGRESS' }, operation);
  try {
    const result = await operation
      .provider(before.type)
      .update(
        operation.context(before, target.configuration),
        now.physicalId,
        operation.withSecretsIfReadable(before.properties),
        operation.withSecretsIfReadable(now.properties),
      );
    if (result.physicalId !== now.physicalId) leaveBehind(stack, now, before);
    stack.setResource(finished({ ...before, ...result }), operation);
  } catch (error) {
    stack.setResource(
      { ...now, status: 'UPDATE_FAILED', statusReason: operation.reasonFor(before, error), lastUpdated: new Date() },
      operation,
    );
    throw error;
  }
}

/** No provider has changed the resource, so none has to undo anything. */
function isQuiet(now: ResourceRecord, before: ResourceRecord): boolean {
  return (
    now.properties === before.properties || (now.status === before.status && now.lastUpdated === before.lastUpdated)
  );
}

/** The old resource is the current one again; the new one is deleted in the clean-up. */
function leaveBehind(stack: Stack, now: ResourceRecord, before: ResourceRecord): void {
  stack.replaced = stack.replaced.filter(({ physicalId }) => physicalId !== before.physicalId);
  stack.replaced.push({ ...now, updateReplacePolicy: 'Delete' });
}

function finished({ statusReason: _earlier, ...record }: ResourceRecord): ResourceRecord {
  return { ...record, status: 'UPDATE_COMPLETE', lastUpdated: new Date() };
}

/** Deletes what the update had made anew. Failures are recorded as events and go no further, as on AWS. */
export async function cleanUpRolledBack(operation: Operation, target: Snapshot): Promise<void> {
  const { stack } = operation;
  const added = [...stack.resources.values()].filter(({ logicalId }) => !target.resources.has(logicalId));
  const deletions: Deletion[] = [
    ...added.map((record) => ({ record, policy: policyOnCreateRollback(record) })),
    ...stack.replaced.map((record) => ({ record, policy: record.updateReplacePolicy })),
  ];
  await deleteResources(operation, stack.configuration, withoutCurrent(stack, target, deletions), () => {});
  for (const { logicalId } of added) stack.resources.delete(logicalId);
  stack.replaced = [];
}

/** A replacement may have taken over the name of the old resource: what is current is never deleted. */
export function withoutCurrent(
  stack: Stack,
  { resources }: Pick<Snapshot, 'resources'>,
  deletions: readonly Deletion[],
): Deletion[] {
  return deletions.filter(({ record }) => {
    const current = stack.resources.get(record.logicalId);
    const stays = resources.has(record.logicalId);
    return !(stays && current?.physicalId === record.physicalId && current?.type === record.type);
  });
}

function policyOnCreateRollback({ deletionPolicy }: ResourceRecord): Deletion['policy'] {
  return deletionPolicy === 'RetainExceptOnCreate' ? 'Delete' : deletionPolicy;
}
