import type { Properties, ResourceProvider } from '../../../local-aws/cloudformation/resource-provider.ts';
import { Alarms } from '../../../local-aws/cloudwatch/alarm-store.ts';
import { Dashboards } from '../../../local-aws/cloudwatch/dashboard-store.ts';
import { Metrics } from '../../../local-aws/cloudwatch/metric-store.ts';
import { cloudWatchResources } from '../../../local-aws/cloudwatch/resources.ts';
import { cloudWatchService } from '../../../local-aws/cloudwatch/service.ts';
import { account, region, type Started, startServices } from '../http/start-services.ts';
import { contextFor } from '../lambda/support.ts';

const [provider] = cloudWatchResources as [ResourceProvider];
const name = 'Stack-Alarm-RANDOM';
const arn = `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;
let started: Started;

beforeEach(async () => {
  started = await startServices(
    (aws) => {
      aws.alarms = new Alarms(account);
      aws.dashboards = new Dashboards(account);
      aws.metrics = new Metrics();
    },
    [cloudWatchService],
  );
});
afterEach(() => started.close());

const properties: Properties = {
  AlarmDescription: 'Refreshes failed.',
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  Dimensions: [{ Name: 'QueueName', Value: 'dead-letters' }],
  EvaluationPeriods: '1',
  MetricName: 'ApproximateNumberOfMessagesVisible',
  Namespace: 'AWS/SQS',
  Period: 300,
  Statistic: 'Maximum',
  Threshold: 1,
  TreatMissingData: 'notBreaching',
};
const context = () => ({ ...contextFor(started.aws, 'Alarm', 'AWS::CloudWatch::Alarm'), region });

async function call(operation: string, input: object) {
  const response = await started.send({
    service: 'monitoring',
    headers: { 'x-amz-target': `GraniteServiceVersion20100801.${operation}` },
    body: JSON.stringify(input),
  });
  return (await response.json()) as {
    MetricAlarms?: Record<string, unknown>[];
    message?: string;
    Datapoints?: Record<string, unknown>[];
  };
}

test('an alarm of a stack is described as it was put, with no data yet', async () => {
  expect(await provider.create(context(), properties)).toEqual({ physicalId: name, attributes: { Arn: arn } });
  expect((await call('DescribeAlarms', {})).MetricAlarms).toEqual([
    expect.objectContaining({
      ...properties,
      EvaluationPeriods: 1,
      AlarmName: name,
      AlarmArn: arn,
      StateValue: 'INSUFFICIENT_DATA',
      ActionsEnabled: true,
      AlarmActions: [],
    }),
  ]);
});

test.each([
  [{ AlarmNames: [name] }, 1],
  [{ AlarmNames: ['other'] }, 0],
  [{ AlarmNamePrefix: 'Stack' }, 1],
  [{ AlarmNamePrefix: 'Other' }, 0],
  [{ StateValue: 'ALARM' }, 0],
  [{ AlarmTypes: ['CompositeAlarm'] }, 0],
])('alarms are found by %j: %i', async (filter, found) => {
  await provider.create(context(), properties);
  expect((await call('DescribeAlarms', filter)).MetricAlarms).toHaveLength(found);
});

test('an alarm is changed in place and deleted', async () => {
  await provider.create(context(), properties);
  await provider.update(context(), name, { ...properties, Threshold: 5 }, properties);
  expect((await call('DescribeAlarms', {})).MetricAlarms).toMatchObject([{ Threshold: 5 }]);
  await provider.delete(context(), name, properties);
  await provider.delete(context(), name, properties);
  expect((await call('DescribeAlarms', {})).MetricAlarms).toEqual([]);
});

test.each(['MetricName', 'ComparisonOperator', 'EvaluationPeriods'])('an alarm needs %s', async (missing) => {
  const { [missing]: _missing, ...rest } = properties;
  await expect(provider.create(context(), rest)).rejects.toThrow(`required key [${missing}] not found`);
});

test.each(['PutMetricData', 'SetAlarmState', 'GetMetricData'])('%s is refused by name', async (operation) => {
  expect((await call(operation, {})).message).toBe(`local-aws does not support CloudWatch: ${operation}.`);
});

describe('metrics', () => {
  const id = { namespace: 'Ours', name: 'Latency', dimensions: { Code: 'A' } };
  const at = (seconds: number) => new Date(seconds * 1000);
  const metric = { Namespace: 'Ours', MetricName: 'Latency', Dimensions: [{ Name: 'Code', Value: 'A' }] };
  beforeEach(() => {
    for (const [seconds, value] of [
      [1000, 10],
      [1010, 30],
      [1100, 5],
    ] as const) {
      started.aws.metrics.put(region, { ...id, value, unit: 'Milliseconds', timestamp: at(seconds) });
    }
  });

  test('are summed up by period', async () => {
    const { Datapoints } = await call('GetMetricStatistics', {
      ...metric,
      ...{ StartTime: 900, EndTime: 1200, Period: 60 },
      Statistics: ['Sum', 'SampleCount', 'Average', 'Minimum', 'Maximum'],
      ExtendedStatistics: ['p50', 'p90'],
    });
    expect(Datapoints).toEqual([
      {
        ...{ Timestamp: 960, Unit: 'Milliseconds', Sum: 40, SampleCount: 2, Average: 20, Minimum: 10, Maximum: 30 },
        ExtendedStatistics: { p50: 10, p90: 30 },
      },
      expect.objectContaining({ Timestamp: 1080, Sum: 5 }),
    ]);
  });

  test('of other dimensions are other metrics', async () => {
    const { Datapoints } = await call('GetMetricStatistics', {
      ...{ ...metric, Dimensions: [] },
      ...{ StartTime: 900, EndTime: 1200, Period: 60, Statistics: ['Sum'] },
    });
    expect(Datapoints).toEqual([]);
    expect(await call('ListMetrics', { Namespace: 'Ours' })).toEqual({ Metrics: [metric] });
    expect(await call('ListMetrics', { Namespace: 'Other' })).toEqual({ Metrics: [] });
  });

  test('are refused by a period and a statistic that nobody knows', async () => {
    const times = { StartTime: 900, EndTime: 1200 };
    expect(await call('GetMetricStatistics', { ...metric, ...times, Period: 50, Statistics: ['Sum'] })).toMatchObject({
      message: 'The parameter Period must be a multiple of 60.',
    });
    expect(await call('GetMetricStatistics', { ...metric, ...times, Period: 60, Statistics: ['tm90'] })).toMatchObject({
      message: 'local-aws does not support the statistic tm90.',
    });
  });
});

describe('the state of an alarm', () => {
  const ours = {
    ...properties,
    Namespace: 'Ours',
    MetricName: 'Refused',
    Dimensions: [],
    Statistic: 'Sum',
    Threshold: 2,
  };
  const count = (value: number, secondsAgo = 0) =>
    started.aws.metrics.put(region, {
      ...{ namespace: 'Ours', name: 'Refused', dimensions: {}, value },
      timestamp: new Date(Date.now() - secondsAgo * 1000),
    });
  const state = async () => (await call('DescribeAlarms', {})).MetricAlarms?.map(({ StateValue }) => StateValue);

  test('is OK without data where that is not breaching, ALARM at the threshold', async () => {
    await provider.create(context(), ours);
    expect(await state()).toEqual(['OK']);
    count(1);
    expect(await state()).toEqual(['OK']);
    count(1);
    expect(await state()).toEqual(['ALARM']);
    expect((await call('DescribeAlarms', { StateValue: 'ALARM' })).MetricAlarms).toHaveLength(1);
  });

  test('looks at as many periods as it is told to', async () => {
    await provider.create(context(), { ...ours, EvaluationPeriods: 3, DatapointsToAlarm: 2 });
    count(5);
    expect(await state()).toEqual(['OK']);
    count(5, 300);
    expect(await state()).toEqual(['ALARM']);
    await provider.update(context(), name, { ...ours, Period: 300 }, ours);
    count(5, 900);
    expect(await state()).toEqual(['ALARM']);
  });

  test.each([
    ['missing', 'INSUFFICIENT_DATA'],
    ['breaching', 'ALARM'],
    ['notBreaching', 'OK'],
  ])('without data that count as %s is %s', async (TreatMissingData, expected) => {
    await provider.create(context(), { ...ours, TreatMissingData });
    expect(await state()).toEqual([expected]);
  });

  test("of a metric of AWS's, or of an expression, is not known", async () => {
    await provider.create(context(), properties);
    expect(await state()).toEqual(['INSUFFICIENT_DATA']);
  });
});

describe('a dashboard', () => {
  const [, dashboards] = cloudWatchResources as [ResourceProvider, ResourceProvider];
  const body = JSON.stringify({ widgets: [] });
  const made = { DashboardName: 'ours', DashboardBody: body };

  test('is put, read, changed and deleted', async () => {
    expect(await dashboards.create(context(), made)).toEqual({ physicalId: 'ours', attributes: {} });
    expect(await call('GetDashboard', { DashboardName: 'ours' })).toMatchObject({ DashboardBody: body });
    const other = JSON.stringify({ widgets: [], start: '-PT3H' });
    await dashboards.update(context(), 'ours', { ...made, DashboardBody: other }, made);
    expect(await call('GetDashboard', { DashboardName: 'ours' })).toMatchObject({ DashboardBody: other });
    await dashboards.delete(context(), 'ours', made);
    await dashboards.delete(context(), 'ours', made);
    expect(await call('GetDashboard', { DashboardName: 'ours' })).toMatchObject({
      message: 'Dashboard ours does not exist',
    });
  });

  test.each([
    ['a body that is no JSON', { DashboardBody: '{' }],
    ['a body without widgets', { DashboardBody: '{}' }],
    ['a name with a slash', { DashboardName: 'a/b' }],
  ])('with %s is refused', async (_, wrong) => {
    await expect(dashboards.create(context(), { ...made, ...wrong })).rejects.toThrow();
  });
});
