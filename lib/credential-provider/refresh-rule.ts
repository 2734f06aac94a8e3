import { Aws, Duration } from 'aws-cdk-lib';
import { type CfnRule, EventField, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { longestJson } from './event-pattern-size.ts';
import { type Handler, refreshRetries } from './handler-function.ts';
import type { RefreshEvent } from './resource-properties.ts';

/** What a rule for the changes of a secret needs to know. */
export interface RefreshRuleOptions {
  readonly handler: Handler;
  readonly refresh: Omit<RefreshEvent['refresh'], 'OwnerStackId'>;
  /** Complete ARN of the secret. */
  readonly secretArn: string;
  /** The other ways in which calls name the secret. */
  readonly secretIds: readonly string[];
}

/**
 * The rule that has the credential provider refreshed when the value of its secret changes, by whichever of its three
 * events comes, and once a day in any case. A change that two of them tell refreshes twice, which changes nothing.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/secret-event-notifications.html
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-eventbridge.html
 */
export function createRefreshRule(scope: Construct, id: string, options: RefreshRuleOptions): Rule {
  const { handler, secretArn, secretIds, refresh } = options;
  const rule = new Rule(scope, id, {
    description: `The secret of the AgentCore credential provider ${refresh.CredentialProviderName} has a new value, or a day has passed.`,
    eventPattern: source,
    // For events that get lost or go to another account, and for retired providers.
    schedule: Schedule.rate(Duration.days(1)),
  });
  const event = {
    refresh: { ...refresh, OwnerStackId: Aws.STACK_ID },
    time: EventField.time,
    eventName: EventField.detailType,
  } satisfies RefreshEvent;
  rule.addTarget(
    new LambdaFunction(handler.lambda, {
      event: RuleTargetInput.fromObject(event),
      deadLetterQueue: handler.deadLetterQueue,
      ...refreshRetries,
    }),
  );
  const patterns = [[secretArn, ...secretIds], [secretArn, refresh.SecretId], [secretArn]].map((ids) =>
    everyEvent(secretArn, ids),
  );
  const fitting = patterns.find((pattern) => longestJson(scope, pattern, refresh.SecretId) <= maxPatternSize);
  // The L2 takes no `$or` at the top of a pattern.
  (rule.node.defaultChild as CfnRule).eventPattern = fitting ?? { ...source, ...ownEvent(secretArn) };
  return rule;
}

const source = { source: ['aws.secretsmanager'] };

/** Characters that EventBridge takes. What does not fit is left to Secrets Manager's own event and the daily look. */
const maxPatternSize = 2048;

function everyEvent(secretArn: string, secretIds: readonly string[]) {
  const eventSource = ['secretsmanager.amazonaws.com'];
  return {
    ...source,
    $or: [
      ownEvent(secretArn),
      {
        'detail-type': ['AWS API Call via CloudTrail'],
        detail: {
          eventSource,
          eventName: ['PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage'],
          requestParameters: { secretId: secretIds },
        },
      },
      {
        'detail-type': ['AWS Service Event via CloudTrail'],
        detail: { eventSource, eventName: ['RotationSucceeded'], additionalEventData: { SecretId: secretIds } },
      },
    ],
  };
}

/** Secrets Manager's own event needs no trail of CloudTrail. */
function ownEvent(secretArn: string) {
  return {
    'detail-type': ['Secret Label Updated'],
    resources: [secretArn],
    detail: { labelUpdated: ['AWSCURRENT'] },
  };
}
