import { ArnFormat, Aws, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { functionTimeout } from './timeouts.ts';

/** What the Lambda functions behind custom resources have in common. */
export const handlerSettings = {
  runtime: Runtime.NODEJS_24_X,
  architecture: Architecture.ARM_64,
  handler: 'index.handler',
  memorySize: 256,
  timeout: Duration.seconds(functionTimeout),
} as const;

/** ARN of a Lambda function, as a text that is known before the deployment. */
export function functionArn(scope: Construct, functionName: string): string {
  return Stack.of(scope).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: functionName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/**
 * Lambda, for one function alone.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/permissions-managed-policies.html
 */
export function lambdaAs(arn: string): ServicePrincipal {
  return new ServicePrincipal('lambda.amazonaws.com', {
    conditions: {
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      ArnEquals: { 'aws:SourceArn': arn },
    },
  });
}

/** Lets a handler write its log. */
export function writeLogs(scope: Construct, { logGroupName }: ILogGroup): PolicyStatement {
  const streams = Stack.of(scope).formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: `${logGroupName}:log-stream:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return new PolicyStatement({
    sid: 'WriteLogs',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    // Both are authorized against the stream; the ARN of CloudFormation would match the log group's other parts too.
    resources: [streams],
  });
}
