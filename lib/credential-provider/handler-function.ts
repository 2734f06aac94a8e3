import { ArnFormat, Aws, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { CredentialSource } from './credential-source.ts';
import { handlerCode } from './handler-code.ts';
import { handlerStatements } from './handler-statements.ts';
import { functionTimeout } from './resource-properties.ts';
import { stableName } from './stable-name.ts';

/** How often, beside the first time, and for how long a refresh is tried before it lands in the dead-letter queue. */
export const refreshRetries = { retryAttempts: 2, maxEventAge: Duration.hours(1) } as const;

export interface Handler {
  readonly lambda: LambdaFunction;
  /** ARN of the Lambda function, as a text that is known before the deployment. */
  readonly arn: string;
  readonly role: Role;
  readonly deadLetterQueue: Queue;
  readonly alarm: Alarm;
}

/** The Lambda function behind the custom resources and the refreshes, and where its failures go. */
export function createHandler(
  scope: Construct,
  options: {
    readonly credentialProviderName: string;
    readonly source: CredentialSource;
    /** Marks the role for the policies of another account. */
    readonly roleTag: Readonly<Record<string, string>>;
  },
): Handler {
  const { credentialProviderName, source, roleTag } = options;
  const logGroup = new LogGroup(scope, 'HandlerLogs', {
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const deadLetterQueue = new Queue(scope, 'FailedRefreshes', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const alarm = new Alarm(scope, 'FailedRefreshAlarm', {
    alarmDescription: `The handler of the AgentCore credential provider ${credentialProviderName} gave up an event: a change of the secret, its daily look, or a deployment. The log group ${logGroup.logGroupName} says why. Do what it says, then store the secret's value once more.`,
    // Not how many there are: they stay for two weeks, and a second failure would be no news.
    metric: deadLetterQueue.metricNumberOfMessagesSent({ period: Duration.minutes(5) }),
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  // CloudFormation takes no other ServiceToken for a resource of another stack, should this one go and come back.
  const functionName = stableName(scope);
  const arn = Stack.of(scope).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: functionName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const role = new Role(scope, 'HandlerRole', {
    description: `Manages the AgentCore credential provider ${credentialProviderName}, ${source.description}`,
    assumedBy: lambdaAs(arn),
  });
  for (const [name, value] of Object.entries(roleTag)) Tags.of(role).add(name, value);
  const statements = [
    ...handlerStatements(scope, credentialProviderName, source),
    new PolicyStatement({
      sid: 'WriteLogs',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      // Both are authorized against the stream; the ARN of CloudFormation would match the log group's other parts too.
      resources: [streamsOf(Stack.of(scope), logGroup)],
    }),
    new PolicyStatement({
      sid: 'KeepFailures',
      actions: ['sqs:SendMessage'],
      resources: [deadLetterQueue.queueArn],
    }),
  ];
  for (const statement of statements) role.addToPolicy(statement);
  const lambda = new LambdaFunction(scope, 'Handler', {
    functionName,
    description: `Creates, updates, refreshes and deletes the AgentCore credential provider ${credentialProviderName}`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code: handlerCode(),
    role: role.withoutPolicyUpdates(),
    logGroup,
    memorySize: 256,
    timeout: Duration.seconds(functionTimeout),
    deadLetterQueue,
    ...refreshRetries,
  });
  return { lambda, arn, role, deadLetterQueue, alarm };
}

/**
 * Lambda, for this function alone.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/permissions-managed-policies.html
 */
function lambdaAs(functionArn: string): ServicePrincipal {
  return new ServicePrincipal('lambda.amazonaws.com', {
    conditions: {
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      ArnEquals: { 'aws:SourceArn': functionArn },
    },
  });
}

function streamsOf(stack: Stack, { logGroupName }: ILogGroup): string {
  return stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: `${logGroupName}:log-stream:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
