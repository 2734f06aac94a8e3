import { ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { agentCoreArns } from '../agentcore-arns.ts';
import type { CredentialSource } from '../credential-provider/api-key-credential-provider.ts';

export interface ExecutionRoleProps {
  readonly runtimeName: string;
  readonly credentialProvider: CredentialSource;
}

/**
 * The role that an agent runtime works with, statement by statement and no wider than AWS allows.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html
 */
export class ExecutionRole extends Role {
  constructor(scope: Construct, id: string, props: ExecutionRoleProps) {
    const { runtimeName, credentialProvider } = props;
    const arns = agentCoreArns(scope);
    super(scope, id, {
      // The secret's ARN reaches this stack through Fn::GetStackOutput, which leaves the template as it was when the
      // secret changes; the description changes with it, so that neither cdk nor CloudFormation skips the update.
      description: `Execution role of the agent runtime ${runtimeName}. Outbound authentication: ${credentialProvider.description}`,
      assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: { 'aws:SourceArn': arns.runtime(runtimeName) },
        },
      }),
    });
    for (const statement of [...outboundAuth(scope, props), ...logs(scope, props), ...traces()]) {
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

function outboundAuth(scope: Construct, { runtimeName, credentialProvider }: ExecutionRoleProps): PolicyStatement[] {
  const arns = agentCoreArns(scope);
  return [
    // AWS authorizes the call against all four.
    new PolicyStatement({
      sid: 'GetApiKey',
      actions: ['bedrock-agentcore:GetResourceApiKey'],
      resources: [
        arns.credentialProvider(credentialProvider.credentialProviderName),
        arns.tokenVault,
        arns.workloadIdentityDirectory,
        arns.workloadIdentityOfRuntime(runtimeName),
      ],
    }),
    // AgentCore Identity reads the secret with the role of whoever asks for the key.
    new PolicyStatement({
      sid: 'ReadApiKeySecret',
      actions: ['secretsmanager:GetSecretValue'],
      resources: [credentialProvider.apiKeySecretArn],
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
  const ownLogGroups = logGroup(`/aws/bedrock-agentcore/runtimes/${runtimeName}-*`);
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

function traces(): PolicyStatement[] {
  return [
    // AWS gives these actions no resource to narrow them to.
    new PolicyStatement({
      sid: 'SendTraces',
      actions: [
        'xray:PutTraceSegments',
        'xray:PutTelemetryRecords',
        'xray:GetSamplingRules',
        'xray:GetSamplingTargets',
      ],
      resources: ['*'],
    }),
    new PolicyStatement({
      sid: 'SendMetrics',
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': 'bedrock-agentcore' } },
    }),
  ];
}
