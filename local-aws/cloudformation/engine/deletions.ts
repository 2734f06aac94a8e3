import type { Configuration, ResourceRecord } from '../stack.ts';
import type { DeletionPolicy } from '../template/template.ts';
import { reversed, runGraph } from './graph.ts';
import type { Operation } from './operation.ts';

/** A resource that the stack lets go of. */
export interface Deletion {
  readonly record: ResourceRecord;
  /** `Retain` leaves it in the account; `RetainExceptOnCreate` too, unless the create itself is rolled back. */
  readonly policy: DeletionPolicy;
}

/**
 * Deletes resources, what was made last first, and records each as an event. Those that fail are not tried again and
 * nothing that they need is touched.
 *
 * @param configuration the stack's settings that the resources were made with
 * @param onDeleted called as each is gone (or is left alone)
 * @returns the records that could not be deleted
 */
export async function deleteResources(
  operation: Operation,
  configuration: Configuration | undefined,
  deletions: readonly Deletion[],
  onDeleted: (record: ResourceRecord) => void,
): Promise<ResourceRecord[]> {
  const { stack } = operation;
  const byKey = new Map(deletions.map((deletion, index) => [`${deletion.record.logicalId} ${index}`, deletion]));
  const keysOf = (logicalId: string) => [...byKey.keys()].filter((key) => key.startsWith(`${logicalId} `));
  const needs = new Map(
    [...byKey].map(([key, { record }]) => [key, new Set([...record.dependsOn].flatMap((name) => keysOf(name)))]),
  );
  const failed: ResourceRecord[] = [];
  await runGraph(
    reversed(needs),
    async (key) => {
      const { record, policy } = byKey.get(key) as Deletion;
      const { physicalId } = record;
      const note = (status: ResourceRecord['status'], statusReason?: string) => {
        const { statusReason: _earlier, ...rest } = record;
        const next = {
          ...rest,
          status,
          lastUpdated: new Date(),
          ...(statusReason === undefined ? {} : { statusReason }),
        };
        if (stack.resources.get(record.logicalId)?.physicalId === physicalId)
          stack.resources.set(record.logicalId, next);
        stack.recordResource(next, operation);
        return next;
      };
      if (policy !== 'Delete') {
        note('DELETE_SKIPPED');
        onDeleted(record);
        return;
      }
      note('DELETE_IN_PROGRESS');
      try {
        if (physicalId !== undefined) {
          await operation
            .provider(record.type)
            .delete(
              operation.context(record, configuration),
              physicalId,
              operation.withSecretsIfReadable(record.properties),
            );
        }
      } catch (error) {
        failed.push(note('DELETE_FAILED', operation.reasonFor(record, error)));
        throw error;
      }
      note('DELETE_COMPLETE');
      onDeleted(record);
    },
    true,
  );
  return failed;
}
