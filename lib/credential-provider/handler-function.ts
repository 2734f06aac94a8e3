import { join } from 'node:path';
import { Duration, RemovalPolicy, Tags } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { handlerCode } from '../custom-resource/handler-code.ts';
import { functionArn, handlerSettings, lambdaAs, writeLogs } from '../custom-resource/handler-function.ts';
import { stableName } from '../custom-resource/stable-name.ts';
import type { CredentialSource } from './credential-source.ts';
import { handlerStatements } from './handler-statements.ts';

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
  const arn = functionArn(scope, functionName);
  const role = new Role(scope, 'HandlerRole', {
    description: `Manages the AgentCore credential provider ${credentialProviderName}, ${source.description}`,
    assumedBy: lambdaAs(arn),
  });
  for (const [name, value] of Object.entries(roleTag)) Tags.of(role).add(name, value);
  const statements = [
    ...handlerStatements(scope, credentialProviderName, source),
    writeLogs(scope, logGroup),
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
    ...handlerSettings,
    code: handlerCode('credential-provider-handler', join(import.meta.dirname, 'handler')),
    role: role.withoutPolicyUpdates(),
    logGroup,
    deadLetterQueue,
    ...refreshRetries,
  });
  return { lambda, arn, role, deadLetterQueue, alarm };
}
