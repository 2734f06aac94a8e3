import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Environment } from '../../lib/environments/index.ts';
import { arnsOf } from '../../lib/policies/place.ts';
import type { AwsClientConfig } from '../aws.ts';
import { refuseOtherAccount } from '../own-account.ts';
import { qualifierOf } from '../project.ts';

/** As whom, and where, an environment is worked on: who changes its stack, and who asks the agent. */
export interface Deployer {
  /** For the stack: with the deploy role of the bootstrap, as `cdk` has it, where the caller may take it. */
  readonly ofStack: AwsClientConfig & { readonly credentials?: TemporaryCredentials };
  /** For the agent: the caller itself. */
  readonly self: AwsClientConfig;
  /** ARN of the caller: the user that the agent is asked for. */
  readonly arn: string;
  readonly account: string;
  readonly region: string;
}

interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/**
 * Finds out as whom an environment's stack is looked at and changed.
 *
 * @throws UserError where the credentials are of another account than the environment's
 */
export async function deployerOf(environment: Environment, client: AwsClientConfig): Promise<Deployer> {
  const { arn, account } = await refuseOtherAccount(environment, client);
  const region = await regionOf(client);
  const { bootstrapRole } = arnsOf({ account, region, qualifier: qualifierOf(environment) });
  const credentials = await takeRole(client, bootstrapRole('deploy'));
  return { ofStack: { ...client, ...(credentials && { credentials }) }, self: client, arn, account, region };
}

/** @returns undefined where the caller may not take the role, or there is none */
async function takeRole(client: AwsClientConfig, roleArn: string): Promise<TemporaryCredentials | undefined> {
  const sts = new STSClient(client);
  try {
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'outbound-auth-release' }),
    );
    const {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
    } = Credentials ?? {};
    return accessKeyId && secretAccessKey && sessionToken ? { accessKeyId, secretAccessKey, sessionToken } : undefined;
  } catch (error) {
    if (error instanceof Error && error.name.startsWith('AccessDenied')) return undefined;
    throw error;
  } finally {
    sts.destroy();
  }
}

async function regionOf(client: AwsClientConfig): Promise<string> {
  const cloudFormation = new CloudFormationClient(client);
  try {
    return await cloudFormation.config.region();
  } finally {
    cloudFormation.destroy();
  }
}
