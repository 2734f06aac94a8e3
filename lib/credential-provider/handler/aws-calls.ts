import {
  BedrockAgentCoreControlClient,
  CreateApiKeyCredentialProviderCommand,
  DeleteApiKeyCredentialProviderCommand,
  GetApiKeyCredentialProviderCommand,
  ListApiKeyCredentialProvidersCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateApiKeyCredentialProviderCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientSettings } from '../../custom-resource/handler/client-settings.ts';
import { isMissing } from '../../custom-resource/handler/faults.ts';
import type { Calls, KeySource } from './calls.ts';

/**
 * The calls as the AWS SDK makes them, in the Region and with the role of the Lambda function.
 *
 * @param longestSilence milliseconds after which a call that gets no answer, or no more of it, fails
 */
export function awsCalls(longestSilence?: number): Calls {
  const settings = clientSettings(longestSilence);
  const agentCore = new BedrockAgentCoreControlClient(settings);
  const secretsManager = new SecretsManagerClient(settings);
  const cloudFormation = new CloudFormationClient(settings);
  return {
    async stackStatus(stackId) {
      try {
        const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackId }));
        return Stacks?.[0]?.StackStatus;
      } catch (error) {
        if (error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message)) {
          return undefined;
        }
        throw error;
      }
    },
    async describeSecret(secretId) {
      const secret = await unlessMissing(secretsManager.send(new DescribeSecretCommand({ SecretId: secretId })));
      if (!secret?.ARN) return undefined;
      const current = Object.entries(secret.VersionIdsToStages ?? {}).find(([, stages]) =>
        stages.includes('AWSCURRENT'),
      );
      return { arn: secret.ARN, deletedDate: secret.DeletedDate, currentVersion: current?.[0] };
    },
    async readSecret(secretArn) {
      const value = await unlessMissing(secretsManager.send(new GetSecretValueCommand({ SecretId: secretArn })));
      return value && { text: value.SecretString, version: value.VersionId };
    },
    async getProvider(name) {
      const provider = await unlessMissing(agentCore.send(new GetApiKeyCredentialProviderCommand({ name })));
      if (!provider?.credentialProviderArn) return undefined;
      return {
        arn: provider.credentialProviderArn,
        source: provider.apiKeySecretSource,
        secretArn: provider.apiKeySecretArn?.secretArn,
        jsonKey: provider.apiKeySecretJsonKey,
      };
    },
    async createProvider(name, key, tags) {
      await agentCore.send(new CreateApiKeyCredentialProviderCommand({ name, ...requestOf(key), tags }));
    },
    async updateProvider(name, key) {
      await agentCore.send(new UpdateApiKeyCredentialProviderCommand({ name, ...requestOf(key) }));
    },
    async deleteProvider(name) {
      await unlessMissing(agentCore.send(new DeleteApiKeyCredentialProviderCommand({ name })));
    },
    async listProviders(nextToken) {
      const page = await agentCore.send(new ListApiKeyCredentialProvidersCommand({ nextToken }));
      const providers = (page.credentialProviders ?? []).flatMap(({ name, credentialProviderArn: arn }) =>
        name && arn ? [{ name, arn }] : [],
      );
      return { providers, nextToken: page.nextToken };
    },
    async tagsOf(arn) {
      const { tags } = await agentCore.send(new ListTagsForResourceCommand({ resourceArn: arn }));
      return tags ?? {};
    },
    async tag(arn, tags) {
      await agentCore.send(new TagResourceCommand({ resourceArn: arn, tags }));
    },
    async untag(arn, names) {
      await agentCore.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: [...names] }));
    },
  };
}

function requestOf(key: KeySource) {
  return key.source === 'EXTERNAL'
    ? { apiKeySecretSource: key.source, apiKeySecretConfig: { secretId: key.secretArn, jsonKey: key.jsonKey } }
    : { apiKeySecretSource: key.source, apiKey: key.apiKey };
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
