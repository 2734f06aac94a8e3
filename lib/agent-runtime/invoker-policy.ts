import type { Stack } from 'aws-cdk-lib';
import { liveEndpoint } from './live-endpoint-name.ts';

/**
 * What a caller of the agent needs, as an identity-based policy: to find the runtime by its stack, and to invoke it for a
 * user. Nobody else's runtime, and no change to this one.
 *
 * @param stack the stack of the runtime
 * @param runtimeArn ARN of the runtime, without an endpoint
 * @returns the policy document; it holds tokens
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrockagentcore.html
 */
export function invokerPolicy(stack: Stack, runtimeArn: string) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'FindRuntime',
        Effect: 'Allow',
        Action: 'cloudformation:DescribeStacks',
        Resource: stack.formatArn({
          service: 'cloudformation',
          resource: 'stack',
          resourceName: `${stack.stackName}/*`,
        }),
      },
      {
        Sid: 'InvokeAgent',
        Effect: 'Allow',
        // AWS authorizes both against the runtime and its endpoint. Without the second the agent gets no token, and no key.
        Action: ['bedrock-agentcore:InvokeAgentRuntime', 'bedrock-agentcore:InvokeAgentRuntimeForUser'],
        Resource: [runtimeArn, ...['DEFAULT', liveEndpoint].map((name) => `${runtimeArn}/runtime-endpoint/${name}`)],
      },
    ],
  };
}
