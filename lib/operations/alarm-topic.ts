import { ArnFormat, Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { Environment } from '../environments/index.ts';
import { alarmTopicName } from './names.ts';

/**
 * ARN of the topic that hears of an environment's alarms: known by its name, so that both stacks can say it.
 *
 * @returns undefined where nobody is to hear of them
 */
export function alarmTopicArn(scope: Construct, environment: Environment): string | undefined {
  const { alarms } = environment;
  if (!alarms) return undefined;
  return (
    alarms.topicArn ??
    Stack.of(scope).formatArn({
      service: 'sns',
      resource: alarmTopicName(environment),
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    })
  );
}

/** The topic for an e-mail address. It hears alarms of this environment, over TLS, and nobody else may publish to it. */
export class AlarmTopic extends Topic {
  constructor(scope: Construct, id: string, environment: Pick<Environment, 'name'>, email: string) {
    super(scope, id, {
      topicName: alarmTopicName(environment),
      displayName: `Alarms of ${environment.name}`,
      enforceSSL: true,
    });
    this.applyRemovalPolicy(RemovalPolicy.DESTROY);
    this.addSubscription(new EmailSubscription(email));
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'LetAlarmsPublish',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topicArn],
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: { 'aws:SourceArn': alarmsOf(this, environment) },
        },
      }),
    );
  }
}

function alarmsOf(scope: Construct, { name }: Pick<Environment, 'name'>): string {
  return Stack.of(scope).formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: `outbound-auth-${name}-*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
