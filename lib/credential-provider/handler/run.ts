import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import type { CredentialProviderAttributes, CredentialProviderProperties } from '../resource-properties.ts';
import type { Calls } from './calls.ts';
import { create, remove, update } from './lifecycle.ts';
import { Refusal } from './refusal.ts';

/** The id of a create that made nothing: the delete that CloudFormation sends for it afterwards has nothing to do. */
export const nothingCreated = 'nothing-created';

/** One line of the log: never the event, which holds the ResponseURL. */
export type Log = (entry: Record<string, string>) => void;

/**
 * Does what one event of CloudFormation asks for.
 *
 * @returns the answer for CloudFormation; a failure is an answer too, with the reason in one sentence
 */
export async function run(
  event: CloudFormationCustomResourceEvent,
  calls: Calls,
  log: Log,
): Promise<CloudFormationCustomResourceResponse> {
  const { RequestType, StackId, RequestId, LogicalResourceId } = event;
  const about = { requestType: RequestType, stackId: StackId, logicalId: LogicalResourceId };
  const identification = { StackId, RequestId, LogicalResourceId };
  try {
    const { physicalId, attributes } = await apply(event, calls);
    log({ level: 'info', message: 'done', ...about, physicalId });
    return {
      Status: 'SUCCESS',
      PhysicalResourceId: physicalId,
      ...identification,
      ...(attributes && { Data: { ...attributes } }),
    };
  } catch (error) {
    const reason = reasonOf(error);
    log({ level: 'error', message: reason, ...about });
    return {
      Status: 'FAILED',
      Reason: reason,
      PhysicalResourceId: physicalIdAfterFailure(event, error),
      ...identification,
    };
  }
}

async function apply(
  event: CloudFormationCustomResourceEvent,
  calls: Calls,
): Promise<{ physicalId: string; attributes?: CredentialProviderAttributes }> {
  const properties = event.ResourceProperties as unknown as CredentialProviderProperties;
  const owner = { stackId: event.StackId, logicalId: event.LogicalResourceId };
  switch (event.RequestType) {
    case 'Create':
      return create(calls, properties, owner);
    case 'Update':
      return update(calls, event.PhysicalResourceId, properties, owner);
    case 'Delete':
      if (event.PhysicalResourceId !== nothingCreated) await remove(calls, event.PhysicalResourceId, owner);
      return { physicalId: event.PhysicalResourceId };
  }
}

function physicalIdAfterFailure(event: CloudFormationCustomResourceEvent, error: unknown): string {
  if (event.RequestType !== 'Create') return event.PhysicalResourceId;
  // A fault in the middle may have left a provider of ours: the delete looks for it, and checks that it is ours.
  const { CredentialProviderName } = event.ResourceProperties as unknown as CredentialProviderProperties;
  return error instanceof Refusal ? nothingCreated : CredentialProviderName;
}

/** AWS's own words are passed on; those of a parser are not, as it quotes what it could not read: a secret, maybe. */
function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (!(error instanceof Error)) return 'An error without a name';
  return '$fault' in error && error.name !== 'SyntaxError' ? `${error.name}: ${error.message}` : error.name;
}
