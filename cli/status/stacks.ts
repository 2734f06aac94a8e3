import {
  type CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import type { Environment } from '../../lib/environments/index.ts';
import { stackName } from '../../lib/stack-name.ts';

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
  part: 'identity' | 'agent',
): Promise<DeployedStack | undefined> {
  const name = stackName(environment, part);
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    if (!stack) return undefined;
    const { StackStatus: status = 'unknown', LastUpdatedTime: updated, CreationTime: created, Outputs = [] } = stack;
    return {
      name,
      status,
      changed: updated ?? created,
      outputs: Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue])),
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError' && error.message.includes('does not exist')) {
      return undefined;
    }
    throw error;
  }
}

/** The physical ids of a stack's resources of one type. */
export async function resourcesOf(client: CloudFormationClient, stack: DeployedStack, type: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources(
    { client },
    { StackName: stack.name },
  )) {
    for (const { ResourceType, PhysicalResourceId } of StackResourceSummaries) {
      if (ResourceType === type && PhysicalResourceId) found.push(PhysicalResourceId);
    }
  }
  return found;
}
