import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { Environment } from '../../lib/environments/index.ts';
import { stackName } from '../../lib/stack-name.ts';
import { describeStack, type Part, stackResources } from '../stacks.ts';

/** A stack of an environment as it is deployed. */
export interface DeployedStack {
  readonly name: string;
  readonly status: string;
  readonly changed: Date | undefined;
  readonly outputs: Readonly<Record<string, string>>;
}

/** @returns undefined for a stack that is not there */
export async function readStack(
  client: CloudFormationClient,
  environment: Environment,
  part: Part,
): Promise<DeployedStack | undefined> {
  const name = stackName(environment, part);
  const stack = await describeStack(client, name);
  if (!stack) return undefined;
  const { StackStatus: status = 'unknown', LastUpdatedTime: updated, CreationTime: created, Outputs = [] } = stack;
  return {
    name,
    status,
    changed: updated ?? created,
    outputs: Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue])),
  };
}

/** The physical ids of a stack's resources of one type. */
export async function resourcesOf(client: CloudFormationClient, stack: DeployedStack, type: string): Promise<string[]> {
  const resources = await stackResources(client, stack.name);
  return resources.filter((resource) => resource.type === type).map(({ id }) => id);
}
