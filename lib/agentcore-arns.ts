import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * ARNs of AgentCore Identity as IAM policies name them.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrockagentcore.html
 */
export function agentCoreArns(scope: Construct) {
  const arn = (resource: string) =>
    Stack.of(scope).formatArn({ service: 'bedrock-agentcore', resource, arnFormat: ArnFormat.NO_RESOURCE_NAME });
  return {
    tokenVault: arn('token-vault/default'),
    credentialProvider: (name: string) => arn(`token-vault/default/apikeycredentialprovider/${name}`),
    workloadIdentityDirectory: arn('workload-identity-directory/default'),
    /** `*` stands for every workload identity of the account and Region. */
    workloadIdentity: (name: string) => arn(`workload-identity-directory/default/workload-identity/${name}`),
    /** The service-linked identity of a runtime: its suffix is not known before the runtime exists. */
    workloadIdentityOfRuntime: (runtimeName: string) =>
      arn(`workload-identity-directory/default/workload-identity/${runtimeName}-*`),
    /** A runtime, whose id is its name and a suffix that is not known before it exists. */
    runtime: (runtimeName: string) => arn(`runtime/${runtimeName}-*`),
  };
}
