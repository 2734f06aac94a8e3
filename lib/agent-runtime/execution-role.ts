import { createHash } from 'node:crypto';
import { ArnFormat, Aws, Stack, Tags } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { agentCoreArns } from '../agentcore-arns.ts';
import { type OutboundCredential, useStatements } from '../credential-provider/use-statements.ts';
import { logGroupsOfRuntimes } from './log-groups/resource-properties.ts';
import type { PinnedCredential } from './released-version.ts';

export interface ExecutionRoleProps {
  readonly runtimeName: string;
  /** Those whose keys the agent gets. */
  readonly credentialProviders: readonly (OutboundCredential & {
    readonly roleTag: Readonly<Record<string, string>>;
  })[];
  /** Those of the versions that the endpoint `live` serves, and has served before. */
  readonly pinnedCredentials: readonly PinnedCredential[];
  readonly sendsTraces: boolean;
  /** A workload identity of our own, for requests that come without a user. */
  readonly workloadIdentityName?: string;
}

/**
 * The role that an agent runtime works with, statement by statement and no wider than AWS allows.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html
 */
export class ExecutionRole extends Role {
  constructor(scope: Construct, id: string, props: ExecutionRoleProps) {
    const { runtimeName, credentialProviders } = props;
    const arns = agentCoreArns(scope);
    super(scope, id, {
      // A secret's ARN reaches this stack through Fn::GetStackOutput, which leaves the template as it was when the
      // secret changes; the description changes with it, so that neither cdk nor CloudFormation skips the update.
      description: description(
        `Execution role of the agent runtime ${runtimeName}. Outbound authentication: `,
        credentialProviders.map((provider) => provider.description).join('; '),
      ),
      assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: { 'aws:SourceArn': arns.runtime(runtimeName) },
        },
      }),
    });
    for (const { roleTag } of credentialProviders) {
      for (const [name, value] of Object.entries(roleTag)) Tags.of(this).add(name, value);
    }
    for (const statement of [...outboundAuth(scope, props), ...logs(scope, props), ...traces(props)]) {
      this.addToPolicy(statement);
    }
  }

  /** Lets AgentCore pull the agent's image with this role. */
  allowPullFrom(repository: IRepository): void {
    this.addToPolicy(
      new PolicyStatement({
        sid: 'PullImage',
        actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        resources: [repository.repositoryArn],
      }),
    );
    // AWS gives this action no resource to narrow it to.
    this.addToPolicy(
      new PolicyStatement({ sid: 'LogInToEcr', actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
    );
  }
}

/** IAM takes a thousand characters; what is longer ends with a hash of itself, so that it changes all the same. */
function description(what: string, from: string): string {
  const text = what + from;
  if (text.length <= 1000) return text;
  return `${text.slice(0, 980)}... ${createHash('sha256').update(from).digest('hex').slice(0, 8)}`;
}

function outboundAuth(
  scope: Construct,
  { runtimeName, credentialProviders, pinnedCredentials, workloadIdentityName }: ExecutionRoleProps,
): PolicyStatement[] {
  const arns = agentCoreArns(scope);
  const own = workloadIdentityName === undefined ? [] : [arns.workloadIdentity(workloadIdentityName)];
  const [getKey, readSecret, ...others] = useStatements(scope, credentialProviders, [
    arns.workloadIdentityOfRuntime(runtimeName),
    ...own,
  ]);
  getKey.addResources(...pinnedCredentials.map(({ credentialProviderArn }) => credentialProviderArn));
  readSecret.addResources(...pinnedCredentials.map(({ apiKeySecretArn }) => apiKeySecretArn));
  if (own.length === 0) return [getKey, readSecret, ...others];
  return [
    getKey,
    readSecret,
    ...others,
    new PolicyStatement({
      sid: 'GetTokenWithoutUser',
      actions: ['bedrock-agentcore:GetWorkloadAccessToken'],
      resources: [arns.workloadIdentityDirectory, ...own],
    }),
  ];
}

function logs(scope: Construct, { runtimeName }: ExecutionRoleProps): PolicyStatement[] {
  const logGroup = (name: string) =>
    Stack.of(scope).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: name,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  const ownLogGroups = logGroup(`${logGroupsOfRuntimes}${runtimeName}-*`);
  return [
    // The service makes the log group with this role, and without it there are silently no logs.
    new PolicyStatement({
      sid: 'CreateLogGroup',
      actions: ['logs:CreateLogGroup', 'logs:DescribeLogStreams'],
      resources: [ownLogGroups],
    }),
    new PolicyStatement({ sid: 'FindLogGroup', actions: ['logs:DescribeLogGroups'], resources: [logGroup('*')] }),
    new PolicyStatement({
      sid: 'WriteLogs',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [`${ownLogGroups}:log-stream:*`],
    }),
  ];
}

function traces({ sendsTraces }: ExecutionRoleProps): PolicyStatement[] {
  if (!sendsTraces) return [];
  // AWS gives these actions no resource to narrow them to.
  return [
    new PolicyStatement({
      sid: 'SendTraces',
      actions: ['xray:PutSpans', 'xray:PutTraceSegments'],
      resources: ['*'],
    }),
  ];
}
