import { Duration, Stack } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
  MathExpression,
  PeriodOverride,
  Row,
  SingleValueWidget,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AgentMetrics } from './agent-metrics.ts';
import { dashboardName } from './names.ts';
import { functionMetric, keyMetric, type RuntimeMetrics } from './service-metrics.ts';

export interface AgentDashboardProps {
  readonly environmentName: string;
  readonly runtime: RuntimeMetrics;
  readonly agent: AgentMetrics;
  /** Names of the credential providers that the agent uses. */
  readonly credentialProviders: readonly string[];
  /** Names of the Lambda functions that keep them up to date. */
  readonly handlers: readonly string[];
  readonly alarms: readonly IAlarm[];
}

/** The page that answers: is it up, is it slow, is the key fine, what does it cost. */
export class AgentDashboard extends Construct {
  /** In the console of AWS. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: AgentDashboardProps) {
    super(scope, id);
    const { region } = Stack.of(this);
    const name = dashboardName({ name: props.environmentName }, region);
    new Dashboard(this, 'Resource', {
      dashboardName: name,
      defaultInterval: Duration.hours(12),
      periodOverride: PeriodOverride.INHERIT,
      widgets: [
        [
          new AlarmStatusWidget({
            title: `Alarms of ${props.environmentName}`,
            alarms: [...props.alarms],
            width: full,
          }),
        ],
        ...section('Is it up?', isItUp(props)),
        ...section('Is it slow?', isItSlow(props)),
        ...section('Is the key fine?', isTheKeyFine(props)),
        ...section('What does it cost?', whatDoesItCost(props)),
      ],
    });
    this.url = `https://${region}.${consoleOf(region)}/cloudwatch/home?region=${region}#dashboards/dashboard/${name}`;
  }
}

const full = 24;
const height = 6;

function section(title: string, widgets: readonly IWidget[]): IWidget[][] {
  return [[new TextWidget({ markdown: `## ${title}`, width: full, height: 1 })], [new Row(...widgets)]];
}

function graph(title: string, width: number, metrics: readonly IMetric[]): GraphWidget {
  return new GraphWidget({ title, width, height, left: [...metrics], leftYAxis: { min: 0 } });
}

function isItUp({ runtime, agent }: AgentDashboardProps): IWidget[] {
  const succeeded = agent.metric('Latency', 'Succeeded', Stats.SAMPLE_COUNT);
  const failed = agent.metric('FailedInvocations', 'Failed');
  const rate = new MathExpression({
    expression: '100 * FILL(succeeded, 0) / (FILL(succeeded, 0) + FILL(failed, 0))',
    usingMetrics: { succeeded, failed },
    label: 'Success rate in %, without mistakes of callers',
  });
  return [
    new SingleValueWidget({ title: 'Success rate', width: 6, height, metrics: [rate], setPeriodToTimeRange: true }),
    graph('Invocations and errors of AgentCore Runtime', 9, [
      runtime.count('Invocations', 'Invocations'),
      runtime.count('SystemErrors', 'System errors'),
      runtime.count('UserErrors', 'User errors'),
      runtime.count('Throttles', 'Throttles'),
    ]),
    graph('Answers of the agent', 9, [succeeded, failed]),
  ];
}

function isItSlow({ runtime, agent }: AgentDashboardProps): IWidget[] {
  return [
    graph('Latency as AgentCore Runtime sees it, in ms', 12, [
      runtime.latency(50, 'p50'),
      runtime.latency(90, 'p90'),
      runtime.latency(99, 'p99'),
    ]),
    graph('Time of whole answers in the agent, in ms', 12, [
      agent.metric('Latency', 'p50', Stats.percentile(50)),
      agent.metric('Latency', 'p90', Stats.percentile(90)),
      agent.metric('Latency', 'p99', Stats.percentile(99)),
    ]),
  ];
}

function isTheKeyFine({ agent, credentialProviders, handlers }: AgentDashboardProps): IWidget[] {
  return [
    graph('Key fetches', 6, [
      agent.metric('NoWorkloadToken', 'No workload access token'),
      keyMetric('ApiKeyFetchSuccess', credentialProviders, 'Fetched'),
      keyMetric('ApiKeyFetchFailures', credentialProviders, 'Failed'),
      keyMetric('ApiKeyFetchThrottles', credentialProviders, 'Throttled'),
    ]),
    graph('What the model provider says', 6, [
      agent.metric('KeyRefused', 'Key refused (401, 403)'),
      agent.metric('ModelThrottled', 'Throttled (429)'),
      agent.metric('ModelQuotaExceeded', 'No quota left (429)'),
      agent.metric('ModelFailed', 'Other failures'),
    ]),
    graph('Failures by code', 6, [agent.failuresByCode()]),
    graph(
      'Refreshes of the credential provider',
      6,
      handlers.flatMap((name) => [
        functionMetric('Invocations', name, `Runs of ${name}`),
        functionMetric('Errors', name, `Failed runs of ${name}`),
      ]),
    ),
  ];
}

function whatDoesItCost({ runtime, agent }: AgentDashboardProps): IWidget[] {
  return [
    graph('Tokens of whole answers', 8, [
      agent.metric('InputTokens', 'Input tokens'),
      agent.metric('OutputTokens', 'Output tokens'),
    ]),
    graph('AgentCore Runtime: hours of vCPU and of GB, up to an hour late', 8, [
      runtime.usage('CPUUsed-vCPUHours', 'vCPU hours'),
      runtime.usage('MemoryUsed-GBHours', 'GB hours'),
    ]),
    graph('New sessions', 8, [runtime.count('Sessions', 'Sessions')]),
  ];
}

function consoleOf(region: string): string {
  if (region.startsWith('cn-')) return 'console.amazonaws.cn';
  return region.startsWith('us-gov-') ? 'console.amazonaws-us-gov.com' : 'console.aws.amazon.com';
}
