import {
  BedrockAgentCoreControlClient,
  CreateApiKeyCredentialProviderCommand,
  DeleteApiKeyCredentialProviderCommand,
  GetApiKeyCredentialProviderCommand,
  ListTagsForResourceCommand,
  UpdateApiKeyCredentialProviderCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Calls, Wanted } from './calls.ts';

/** The calls as the AWS SDK makes them, in the Region and with the role of the Lambda function. */
export function awsCalls(): Calls {
  const agentCore = new BedrockAgentCoreControlClient({ maxAttempts: 6 });
  const secretsManager = new SecretsManagerClient({ maxAttempts: 6 });
  return {
    async describeSecret(secretId) {
      const description = secretsManager.send(new DescribeSecretCommand({ SecretId: secretId }));
      const secret = await unlessMissing(description).catch((error) => {
        if (error instanceof Error && error.name === 'AccessDeniedException') return 'access denied' as const;
        throw error;
      });
      if (secret === 'access denied') return secret;
      return secret?.ARN ? { arn: secret.ARN, deletedDate: secret.DeletedDate } : undefined;
    },
    async readSecret(secretArn) {
      const value = await unlessMissing(secretsManager.send(new GetSecretValueCommand({ SecretId: secretArn })));
      return value?.SecretString;
    },
    async getProvider(name) {
      const provider = await unlessMissing(agentCore.send(new GetApiKeyCredentialProviderCommand({ name })));
      return provider?.credentialProviderArn
        ? {
            arn: provider.credentialProviderArn,
            secretArn: provider.apiKeySecretArn?.secretArn,
            source: provider.apiKeySecretSource,
          }
        : undefined;
    },
    async createProvider(wanted, tags) {
      const created = await agentCore.send(new CreateApiKeyCredentialProviderCommand({ ...reference(wanted), tags }));
      return { arn: created.credentialProviderArn ?? '' };
    },
    async updateProvider(wanted) {
      await agentCore.send(new UpdateApiKeyCredentialProviderCommand(reference(wanted)));
    },
    async deleteProvider(name) {
      await unlessMissing(agentCore.send(new DeleteApiKeyCredentialProviderCommand({ name })));
    },
    async tagsOf(arn) {
      const { tags } = await agentCore.send(new ListTagsForResourceCommand({ resourceArn: arn }));
      return tags ?? {};
    },
  };
}

function reference({ name, secretArn, jsonKey }: Wanted) {
  return { name, apiKeySecretSource: 'EXTERNAL' as const, apiKeySecretConfig: { secretId: secretArn, jsonKey } };
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
