import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { AwsClientConfig } from '../aws.ts';
import { toolkitStackName } from '../up/bootstrap.ts';
import type { Item } from './item.ts';

/** The log groups whose names begin so and are wanted. */
export async function findLogGroups(
  client: AwsClientConfig,
  kind: 'log group' | 'log group of the agent',
  logGroupNamePrefix: string,
  isWanted: (name: string) => boolean,
): Promise<Item[]> {
  const logs = new CloudWatchLogsClient(client);
  try {
    const found: Item[] = [];
    let nextToken: string | undefined;
    do {
      const page = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix, nextToken }));
      for (const { logGroupName: name } of page.logGroups ?? []) if (name && isWanted(name)) found.push({ kind, name });
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return found;
  } finally {
    logs.destroy();
  }
}

/** A secret. AWS says only when it was deleted, not until when it can be had back. */
export async function findSecret(client: AwsClientConfig, SecretId: string): Promise<Item[]> {
  const secretsManager = new SecretsManagerClient(client);
  try {
    const { DeletedDate } = await secretsManager.send(new DescribeSecretCommand({ SecretId }));
    return [{ kind: 'secret', name: SecretId, ...(DeletedDate && { state: 'scheduled for deletion' }) }];
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return [];
    throw error;
  } finally {
    secretsManager.destroy();
  }
}

/** The bootstrap of the CDK that the environment was deployed by. */
export async function findBootstrap(client: AwsClientConfig, qualifier: string): Promise<Item[]> {
  const ssm = new SSMClient(client);
  try {
    await ssm.send(new GetParameterCommand({ Name: `/cdk-bootstrap/${qualifier}/version` }));
    return [{ kind: 'bootstrap', name: toolkitStackName({ qualifier }) }];
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') return [];
    throw error;
  } finally {
    ssm.destroy();
  }
}
