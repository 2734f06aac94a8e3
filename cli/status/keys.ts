import {
  type BedrockAgentCoreControlClient,
  GetApiKeyCredentialProviderCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { DescribeSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** A credential provider as AgentCore has it. */
export interface ProviderStatus {
  readonly name: string;
  /** `EXTERNAL`: AgentCore reads the secret. `MANAGED`: it keeps a copy, which is refreshed when the secret changes. */
  readonly source: string;
  /** When it was written last: by a deployment, or by a refresh after a change of the secret. */
  readonly updated: Date | undefined;
}

export async function readProvider(client: BedrockAgentCoreControlClient, name: string): Promise<ProviderStatus> {
  const provider = await client.send(new GetApiKeyCredentialProviderCommand({ name }));
  // Providers of the time before there was a choice are copies, and have no such field.
  return { name, source: provider.apiKeySecretSource ?? 'MANAGED', updated: provider.lastUpdatedTime };
}

/** What is told of a secret; never its value. */
export interface SecretStatus {
  readonly arn: string;
  readonly changed: Date | undefined;
  readonly deleted: Date | undefined;
}

export async function readSecret(client: SecretsManagerClient, arn: string): Promise<SecretStatus> {
  const secret = await client.send(new DescribeSecretCommand({ SecretId: arn }));
  return { arn, changed: secret.LastChangedDate ?? secret.CreatedDate, deleted: secret.DeletedDate };
}
