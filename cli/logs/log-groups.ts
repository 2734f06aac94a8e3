import { type CloudWatchLogsClient, paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs';
import { logGroupsOfRuntimes } from '../../lib/agent-runtime/log-groups/resource-properties.ts';

/** Where the agent's lines of one endpoint are. */
export interface EndpointLogGroup {
  readonly name: string;
  readonly endpoint: string;
}

/**
 * The log groups of a runtime, one for each endpoint that was ever invoked: AgentCore makes them at the first invocation,
 * and leaves them there.
 *
 * @param runtimeId the last part of the runtime's ARN
 */
export async function logGroupsOf(client: CloudWatchLogsClient, runtimeId: string): Promise<EndpointLogGroup[]> {
  const prefix = `${logGroupsOfRuntimes}${runtimeId}-`;
  const found: EndpointLogGroup[] = [];
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, { logGroupNamePrefix: prefix })) {
    for (const { logGroupName: name = '' } of logGroups) found.push({ name, endpoint: name.slice(prefix.length) });
  }
  return found;
}
