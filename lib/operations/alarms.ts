import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { AgentMetrics } from './agent-metrics.ts';
import { type RunbookPage, withRunbook } from './runbook.ts';
import { keyMetric, type RuntimeMetrics } from './service-metrics.ts';

export interface AgentAlarmsProps {
  readonly environmentName: string;
  readonly runtime: RuntimeMetrics;
  readonly agent: AgentMetrics;
  /** Names of the credential providers that the agent uses. */
  readonly credentialProviders: readonly string[];
  /** Longest time in seconds that nine of ten invocations may take. */
  readonly latencySeconds: number;
  /** Who hears of them, and of their end. */
  readonly topicArn: string;
}

interface AlarmDefinition {
  readonly page: RunbookPage;
  /** One sentence that says what is the matter. */
  readonly meaning: string;
  readonly metric: IMetric;
  /** From this value on a period is bad. */
  readonly threshold: number;
  /** How many periods of five minutes have to be bad, of how many. Default: one. */
  readonly periods?: readonly [bad: number, of: number];
}

/** Five minutes alone may be a moment's trouble that somebody's retry has mended. */
const lasting = [2, 3] as const;

/** The alarms of an environment's agent. Where nothing was measured, nobody called, which is no alarm. */
export class AgentAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: AgentAlarmsProps) {
    super(scope, id);
    const action = new SnsAction(Topic.fromTopicArn(this, 'Topic', props.topicArn));
    this.alarms = definitions(props).map(({ page, meaning, metric, threshold, periods: [bad, of] = [1, 1] }) => {
      const alarm = new Alarm(this, pascalCase(page), {
        alarmDescription: withRunbook(`${props.environmentName}: ${meaning}`, page),
        metric,
        threshold,
        evaluationPeriods: of,
        datapointsToAlarm: bad,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
      return alarm;
    });
  }
}

function definitions(props: AgentAlarmsProps): AlarmDefinition[] {
  return [...ofKey(props), ...ofModel(props), ...ofRuntime(props)];
}

function ofKey({ credentialProviders, agent }: AgentAlarmsProps): AlarmDefinition[] {
  return [
    {
      page: 'key-fetch-failures',
      meaning: 'AgentCore Identity refused or failed to give the agent an API key.',
      metric: keyMetric('ApiKeyFetchFailures', credentialProviders, 'Key fetch failures'),
      // A role, a secret or a provider that is not as it was stays so: every new session fails.
      threshold: 1,
    },
    {
      page: 'key-fetch-throttles',
      meaning: 'AgentCore Identity throttles the fetches of the API key.',
      metric: keyMetric('ApiKeyFetchThrottles', credentialProviders, 'Key fetch throttles'),
      // The agent asks three times before it gives up.
      threshold: 10,
      periods: lasting,
    },
    {
      page: 'workload-token-failures',
      meaning: 'The agent has no workload access token that AgentCore Identity takes, and so gets no API key.',
      metric: agent.metric('NoWorkloadToken'),
      // One may be somebody who tries the agent and names no user.
      threshold: 3,
    },
  ];
}

function ofModel({ agent }: AgentAlarmsProps): AlarmDefinition[] {
  return [
    {
      page: 'key-refused',
      meaning: 'The model provider refuses the API key (401) or does not let it use the model (403).',
      metric: agent.metric('KeyRefused'),
      // The agent has fetched the key anew before it says so.
      threshold: 1,
    },
    {
      page: 'model-quota-exceeded',
      meaning: 'The account behind the API key has no quota or money left at the model provider.',
      metric: agent.metric('ModelQuotaExceeded'),
      // Nothing but a person ends it.
      threshold: 1,
    },
    {
      page: 'model-throttled',
      meaning: 'The model provider throttles the API key (429), also after retries.',
      metric: agent.metric('ModelThrottled'),
      // Each is an invocation that failed after three tries.
      threshold: 3,
      periods: lasting,
    },
    {
      page: 'model-failures',
      meaning: 'The model provider fails, is too slow, or answers what the agent cannot use.',
      metric: agent.metric('ModelFailed'),
      threshold: 3,
      periods: lasting,
    },
  ];
}

function ofRuntime({ runtime, latencySeconds }: AgentAlarmsProps): AlarmDefinition[] {
  return [
    {
      page: 'system-errors',
      meaning: 'AgentCore Runtime answers callers with 5xx: it cannot start or reach the agent, or fails itself.',
      metric: runtime.count('SystemErrors', 'System errors'),
      // AWS SDKs repeat such a call twice.
      threshold: 3,
    },
    {
      page: 'user-errors',
      meaning: 'AgentCore Runtime answers many callers with 4xx: they may not call, or call wrongly.',
      metric: runtime.count('UserErrors', 'User errors'),
      // Callers make mistakes; this many, for a while, is a caller that was deployed with one.
      threshold: 20,
      periods: lasting,
    },
    {
      page: 'throttles',
      meaning: 'AgentCore Runtime throttles the callers (429): a quota of the account is used up.',
      metric: runtime.count('Throttles', 'Throttles'),
      threshold: 5,
      periods: lasting,
    },
    {
      page: 'latency',
      meaning: `One of ten invocations takes longer than ${latencySeconds} s.`,
      metric: runtime.latency(90, 'Latency p90'),
      threshold: latencySeconds * 1000,
      // A single slow answer is the p90 of a quiet period.
      periods: [3, 3],
    },
  ];
}

function pascalCase(words: string): string {
  return words.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
