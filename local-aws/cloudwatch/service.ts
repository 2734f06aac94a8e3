import type { Aws } from '../aws.ts';
import { AwsError, notSupported } from '../errors.ts';
import { awsJsonService } from '../http/aws-json.ts';
import type { Call, Service } from '../service.ts';
import { type AlarmState, stateOf } from './alarm-state.ts';
import type { Alarm } from './alarm-store.ts';
import { type Dimensions, dimensionsOf, type Metrics, statisticOf } from './metric-store.ts';

interface DescribeInput {
  readonly AlarmNames?: readonly string[];
  readonly AlarmNamePrefix?: string;
  readonly AlarmTypes?: readonly string[];
  readonly StateValue?: string;
  readonly ActionPrefix?: string;
}

const known = ['AlarmNames', 'AlarmNamePrefix', 'AlarmTypes', 'StateValue', 'ActionPrefix', 'MaxRecords'];

/**
 * CloudWatch, in the JSON protocol of today's SDKs (older ones speak the query protocol and are refused by name): alarms,
 * dashboards and the metrics that metric filters make. An alarm on one of those has a state, looked up when it is asked for
 * and told to nobody; the others never leave INSUFFICIENT_DATA.
 */
export function cloudWatchService({
  alarms,
  dashboards,
  metrics,
}: Pick<Aws, 'alarms' | 'dashboards' | 'metrics'>): Service {
  return awsJsonService({
    signingName: 'monitoring',
    title: 'CloudWatch',
    version: '1.0',
    queryCodes: {},
    operations: {
      DescribeAlarms: (input: DescribeInput, call: Call) => {
        call.authorize('cloudwatch:DescribeAlarms', alarms.arn(call.region, '*'));
        refuseUnknown('DescribeAlarms', input, known);
        const found = alarms
          .list(call.region)
          .map((alarm) => ({ alarm, state: stateOf(alarm, metrics) }))
          .filter(filterOf(input));
        return { CompositeAlarms: [], MetricAlarms: found.map(shape) };
      },

      GetDashboard: ({ DashboardName: name }: { DashboardName: string }, call: Call) => {
        call.authorize('cloudwatch:GetDashboard', dashboards.arn(name));
        const found = dashboards.find(name);
        if (!found) throw new AwsError('ResourceNotFound', `Dashboard ${name} does not exist`, 404);
        return { DashboardName: name, DashboardArn: found.arn, DashboardBody: found.body };
      },

      GetMetricStatistics: (input: StatisticsInput, call: Call) => {
        call.authorize('cloudwatch:GetMetricStatistics', '*');
        refuseUnknown('GetMetricStatistics', input, statisticsParameters);
        return { Label: input.MetricName, Datapoints: datapointsOf(input, call.region, metrics) };
      },

      ListMetrics: (input: { Namespace?: string; MetricName?: string }, call: Call) => {
        call.authorize('cloudwatch:ListMetrics', '*');
        refuseUnknown('ListMetrics', input, ['Namespace', 'MetricName']);
        const found = metrics
          .list(call.region)
          .filter(
            ({ namespace, name }) =>
              (input.Namespace ?? namespace) === namespace && (input.MetricName ?? name) === name,
          );
        return {
          Metrics: found.map(({ namespace, name, dimensions }) => ({
            Namespace: namespace,
            MetricName: name,
            Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
          })),
        };
      },
    },
  });
}

interface StatisticsInput {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: Dimensions;
  /** Seconds since 1970. */
  readonly StartTime: number;
  readonly EndTime: number;
  readonly Period: number;
  readonly Statistics?: readonly string[];
  readonly ExtendedStatistics?: readonly string[];
}

const statisticsParameters = [
  ...['Namespace', 'MetricName', 'Dimensions', 'StartTime', 'EndTime', 'Period', 'Statistics', 'ExtendedStatistics'],
];

function datapointsOf(input: StatisticsInput, region: string, metrics: Metrics): object[] {
  const { Namespace: namespace, MetricName: name, StartTime, EndTime, Period } = input;
  if (!Number.isInteger(Period) || Period < 60 || Period % 60 !== 0) {
    throw new AwsError('InvalidParameterValue', 'The parameter Period must be a multiple of 60.');
  }
  const statistics = [...(input.Statistics ?? []), ...(input.ExtendedStatistics ?? [])];
  const id = { namespace, name, dimensions: dimensionsOf(input.Dimensions) };
  const datapoints: object[] = [];
  for (let start = Math.floor(StartTime / Period) * Period; start < EndTime; start += Period) {
    const values = metrics.values(region, id, start * 1000, (start + Period) * 1000);
    if (values.length === 0) continue;
    const found = statistics.map((statistic) => [statistic, statisticIn(values, statistic)] as const);
    const extended = found.filter(([statistic]) => statistic.startsWith('p'));
    datapoints.push({
      Timestamp: new Date(start * 1000),
      Unit: metrics.unit(region, id),
      ...Object.fromEntries(found.filter(([statistic]) => !statistic.startsWith('p'))),
      ...(extended.length > 0 && { ExtendedStatistics: Object.fromEntries(extended) }),
    });
  }
  return datapoints;
}

function statisticIn(values: readonly number[], statistic: string): number {
  const value = statisticOf(values, statistic);
  if (value === undefined) throw notSupported(`the statistic ${statistic}`);
  return value;
}

function refuseUnknown(operation: string, input: object, parameters: readonly string[]): void {
  const unknown = Object.keys(input).find((name) => !parameters.includes(name));
  if (unknown !== undefined) throw notSupported(`the parameter ${unknown} of ${operation}`);
}

interface Described {
  readonly alarm: Alarm;
  readonly state: AlarmState;
}

function filterOf({ AlarmNames, AlarmNamePrefix = '', AlarmTypes, StateValue, ActionPrefix }: DescribeInput) {
  return ({ alarm: { name, configuration }, state }: Described) =>
    (AlarmTypes === undefined || AlarmTypes.includes('MetricAlarm')) &&
    (AlarmNames === undefined || AlarmNames.length === 0 || AlarmNames.includes(name)) &&
    name.startsWith(AlarmNamePrefix) &&
    (StateValue === undefined || StateValue === state.value) &&
    (ActionPrefix === undefined || actionsOf(configuration).some((action) => action.startsWith(ActionPrefix)));
}

function actionsOf({ AlarmActions, OKActions, InsufficientDataActions }: Alarm['configuration']): string[] {
  return [AlarmActions, OKActions, InsufficientDataActions].flat().filter((action) => typeof action === 'string');
}

function shape({ alarm: { name, arn, updated, configuration }, state }: Described) {
  return {
    ActionsEnabled: true,
    AlarmActions: [],
    OKActions: [],
    InsufficientDataActions: [],
    Dimensions: [],
    ...configuration,
    AlarmName: name,
    AlarmArn: arn,
    AlarmConfigurationUpdatedTimestamp: updated,
    StateValue: state.value,
    StateReason: state.reason,
    StateUpdatedTimestamp: updated,
    StateTransitionedTimestamp: updated,
  };
}
