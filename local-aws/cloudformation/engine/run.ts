import type { Configuration, ResourceRecord, Snapshot, Stack } from '../stack.ts';
import type { Scope } from '../template/functions.ts';
import { activeResources } from '../template/scope.ts';
import { type Deletion, deleteResources } from './deletions.ts';
import { convergeResources } from './deploy.ts';
import type { Operation } from './operation.ts';
import { checkExports, type ExportRegistry, evaluateOutputs } from './outputs.ts';
import { cleanUpRolledBack, rollBackCreate, rollBackUpdate, withoutCurrent } from './rollback.ts';

/** What is to happen to a stack that fails. */
export type OnFailure = 'ROLLBACK' | 'DO_NOTHING' | 'DELETE';

/** What a deployment brings a stack to. */
export interface Deployment {
  readonly configuration: Configuration;
  readonly scope: Scope;
  /** The exports that the template imports. */
  readonly imports: ReadonlySet<string>;
  readonly onFailure: OnFailure;
}

/** Creates or updates a stack, up to its last status. The first status is set before this returns its promise. */
export function runDeployment(operation: Operation, deployment: Deployment, registry: ExportRegistry): Promise<void> {
  const { stack } = operation;
  const before = stack.lastStable;
  stack.configuration = deployment.configuration;
  stack.imports = new Set([...stack.imports, ...deployment.imports]);
  if (before) stack.lastUpdated = new Date();
  stack.setStatus(before ? 'UPDATE_IN_PROGRESS' : 'CREATE_IN_PROGRESS', operation, 'User Initiated');
  return guarded(operation, before ? 'UPDATE_FAILED' : 'CREATE_FAILED', async () => {
    const failure = await attempt(operation, deployment, registry);
    if (failure === undefined)
      return before ? finishUpdate(operation, deployment) : finish(operation, 'CREATE_COMPLETE');
    if (deployment.onFailure === 'DO_NOTHING') {
      stack.setStatus(before ? 'UPDATE_FAILED' : 'CREATE_FAILED', operation, failure);
    } else if (before) {
      await runUpdateRollback(operation.successor(), before, failure);
    } else if (deployment.onFailure === 'DELETE') {
      await deleteAll(operation.successor(), new Set(), failure);
    } else {
      await runCreateRollback(operation.successor(), `${failure} Rollback requested by user.`);
    }
  });
}

async function attempt(
  operation: Operation,
  { configuration, scope, imports }: Deployment,
  registry: ExportRegistry,
): Promise<string | undefined> {
  const failure = await convergeResources(operation, configuration, scope);
  if (failure !== undefined) return failure;
  try {
    const outputs = evaluateOutputs(configuration.template, scope);
    checkExports(operation.stack, outputs, registry);
    operation.stack.outputs = outputs;
    operation.stack.imports = imports;
    return undefined;
  } catch (error) {
    return operation.reasonFor({ type: 'AWS::CloudFormation::Stack' }, error);
  }
}

async function finishUpdate(operation: Operation, { configuration, scope }: Deployment): Promise<void> {
  const { stack } = operation;
  stack.setStatus('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', operation);
  const active = new Set(activeResources(configuration.template, scope));
  const removed = [...stack.resources.values()].filter(({ logicalId }) => !active.has(logicalId));
  const deletions: Deletion[] = [
    ...removed.map((record) => ({ record, policy: record.deletionPolicy })),
    ...stack.replaced.map((record) => ({ record, policy: record.updateReplacePolicy })),
  ];
  const staying = new Map([...stack.resources].filter(([logicalId]) => active.has(logicalId)));
  await deleteResources(operation, configuration, withoutCurrent(stack, { resources: staying }, deletions), () => {});
  for (const { logicalId } of removed) stack.resources.delete(logicalId);
  finish(operation, 'UPDATE_COMPLETE');
}

function finish(operation: Operation, status: Stack['status']): void {
  const { stack } = operation;
  stack.replaced = [];
  stack.lastStable = {
    configuration: stack.configuration,
    resources: new Map(stack.resources),
    imports: stack.imports,
  };
  stack.setStatus(status, operation);
}

/** Undoes a create that failed. */
export async function runCreateRollback(operation: Operation, reason?: string): Promise<void> {
  operation.stack.setStatus('ROLLBACK_IN_PROGRESS', operation, reason);
  await guarded(operation, 'ROLLBACK_FAILED', async () => {
    const failed = await rollBackCreate(operation);
    operation.stack.imports = new Set();
    if (failed.length > 0) operation.stack.setStatus('ROLLBACK_FAILED', operation, failedTo('delete', failed));
    else operation.stack.setStatus('ROLLBACK_COMPLETE', operation);
  });
}

/** Undoes an update that failed; called again, it goes on where it had failed. */
export async function runUpdateRollback(
  operation: Operation,
  target: Snapshot,
  reason?: string,
  skip?: ReadonlySet<string>,
): Promise<void> {
  const { stack } = operation;
  stack.setStatus('UPDATE_ROLLBACK_IN_PROGRESS', operation, reason);
  await guarded(operation, 'UPDATE_ROLLBACK_FAILED', async () => {
    const failed = await rollBackUpdate(operation, target, skip);
    if (failed.length > 0) {
      const sentence = `The following resource(s) failed to update: [${failed.join(', ')}].`;
      return stack.setStatus('UPDATE_ROLLBACK_FAILED', operation, sentence);
    }
    stack.setStatus('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', operation);
    await cleanUpRolledBack(operation, target);
    stack.configuration = target.configuration;
    stack.imports = target.imports;
    finish(operation, 'UPDATE_ROLLBACK_COMPLETE');
  });
}

/** Deletes a stack. The first status is set before this returns its promise. */
export function runDeletion(operation: Operation, retain: ReadonlySet<string>): Promise<void> {
  return deleteAll(operation, retain, 'User Initiated');
}

async function deleteAll(operation: Operation, retain: ReadonlySet<string>, reason: string): Promise<void> {
  const { stack } = operation;
  stack.setStatus('DELETE_IN_PROGRESS', operation, reason);
  await guarded(operation, 'DELETE_FAILED', async () => {
    const policyOf = (record: ResourceRecord): Deletion['policy'] =>
      retain.has(record.logicalId) || record.deletionPolicy !== 'Delete' ? 'Retain' : 'Delete';
    const failed = await deleteResources(
      operation,
      stack.configuration,
      [
        ...[...stack.resources.values()].map((record) => ({ record, policy: policyOf(record) })),
        ...stack.replaced.map((record) => ({ record, policy: record.updateReplacePolicy })),
      ],
      (gone) => {
        if (stack.replaced.includes(gone)) stack.replaced = stack.replaced.filter((record) => record !== gone);
        else stack.resources.delete(gone.logicalId);
      },
    );
    if (failed.length > 0) return stack.setStatus('DELETE_FAILED', operation, failedTo('delete', failed));
    stack.deleted = new Date();
    stack.imports = new Set();
    stack.setStatus('DELETE_COMPLETE', operation);
  });
}

function failedTo(verb: string, records: readonly ResourceRecord[]): string {
  return `The following resource(s) failed to ${verb}: [${records.map(({ logicalId }) => logicalId).join(', ')}].`;
}

/** A bug of local-aws ends the operation with a status and a reason, instead of an operation that never ends. */
async function guarded(operation: Operation, status: Stack['status'], work: () => Promise<void> | void): Promise<void> {
  try {
    await work();
  } catch (error) {
    const fault = error instanceof Error ? error : new Error(String(error));
    operation.aws.faults.push(fault);
    operation.stack.setStatus(status, operation, `local-aws has a bug: ${fault.message}`);
  }
}
