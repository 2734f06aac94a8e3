import type { Properties, ResourceProvider } from '../../../local-aws/cloudformation/resource-provider.ts';
import { Alarms } from '../../../local-aws/cloudwatch/alarm-store.ts';
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
  return (await response.json()) as { MetricAlarms?: Record<string, unknown>[]; message?: string };
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
