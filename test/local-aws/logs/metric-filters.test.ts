import type { ResourceProvider } from '../../../local-aws/cloudformation/resource-provider.ts';
import { Metrics } from '../../../local-aws/cloudwatch/metric-store.ts';
import { LogStore } from '../../../local-aws/logs/log-store.ts';
import { metricFilter } from '../../../local-aws/logs/metric-filter-resource.ts';
import { logsService } from '../../../local-aws/logs/service.ts';
import { account, region, type Started, startServices } from '../http/start-services.ts';
import { contextFor } from '../lambda/support.ts';

const group = '/aws/bedrock-agentcore/runtimes/agent-DEFAULT';
const namespace = 'AgentCoreOutboundAuth/dev';
const provider: ResourceProvider = metricFilter;

let started: Started;
let metrics: Metrics;

beforeEach(async () => {
  started = await startServices(
    (aws) => {
      metrics = new Metrics();
      aws.metrics = metrics;
      aws.logs = new LogStore(metrics);
    },
    [logsService],
  );
  started.aws.logs.createGroup(region, group);
});
afterEach(() => started.close());

const call = async (operation: string, input: object, accessKeyId = 'test') => {
  const headers = { 'x-amz-target': `Logs_20140328.${operation}` };
  const response = await started.send({ service: 'logs', headers, body: JSON.stringify(input), accessKeyId });
  return (await response.json()) as { __type?: string; message?: string; metricFilters?: object[] };
};

const context = (id = 'Filter') => ({ ...contextFor(started.aws, id, 'AWS::Logs::MetricFilter'), region });
const write = (event: unknown) =>
  started.aws.logs.write(region, group, 's', typeof event === 'string' ? event : JSON.stringify(event));
const values = (name: string, dimensions = {}) =>
  metrics.values(region, { namespace, name, dimensions }, 0, Number.POSITIVE_INFINITY);
const properties = (MetricName: string, FilterPattern: string, more: object = {}) => ({
  LogGroupName: group,
  FilterPattern,
  MetricTransformations: [{ MetricName, MetricNamespace: namespace, MetricValue: '1', ...more }],
});

test('what matches is counted from then on, and no longer when the filter is gone', async () => {
  write({ code: 'ModelKeyRefused' });
  const filter = properties('KeyRefused', '{ $.code = "ModelKeyRefused" }');
  const { physicalId } = await provider.create(context(), filter);
  for (const event of [{ code: 'ModelKeyRefused' }, { code: 'Other' }, 'ModelKeyRefused', {}]) write(event);
  expect(values('KeyRefused')).toEqual([1]);
  const other = properties('KeyRefused', '{ $.code = "Other" }');
  await provider.update(context(), physicalId, other, filter);
  write({ code: 'Other' });
  expect(values('KeyRefused')).toEqual([1, 1]);
  await provider.delete(context(), physicalId, other);
  await provider.delete(context(), physicalId, other);
  write({ code: 'Other' });
  expect(values('KeyRefused')).toEqual([1, 1]);
});

test('a value and dimensions come from the event; what has none of them is not counted', async () => {
  await provider.create(
    context('Latency'),
    properties('Latency', '{ $.durationMs = * }', { MetricValue: '$.durationMs' }),
  );
  await provider.create(
    context(),
    properties('Failures', '{ $.code = * }', { Dimensions: [{ Key: 'Code', Value: '$.code' }] }),
  );
  write({ durationMs: 250, code: 'A' });
  write({ durationMs: 'long', code: 'B' });
  write({ durationMs: 50 });
  expect(values('Latency')).toEqual([250, 50]);
  expect(values('Failures', { Code: 'A' })).toEqual([1]);
  expect(values('Failures', { Code: 'B' })).toEqual([1]);
  expect(values('Failures')).toEqual([]);
});

test('filters go with their log group, and a new one of the name has none', async () => {
  await provider.create(context(), properties('Lines', ''));
  expect(await call('DescribeMetricFilters', { logGroupName: group })).toMatchObject({
    metricFilters: [{ filterPattern: '', metricTransformations: [{ metricName: 'Lines' }] }],
  });
  await call('DeleteLogGroup', { logGroupName: group });
  await call('CreateLogGroup', { logGroupName: group });
  write('a line');
  expect(values('Lines')).toEqual([]);
  expect(await call('DescribeMetricFilters', { logGroupName: group })).toEqual({ metricFilters: [] });
});

test('a filter of a log group that is not there is refused', async () => {
  const absent = { ...properties('Lines', ''), LogGroupName: 'absent' };
  await expect(provider.create(context(), absent)).rejects.toThrow('The specified log group does not exist.');
});

test.each([
  ['a pattern that is none', properties('A', '{ $.code }'), 'Invalid filter pattern'],
  ["AWS's own namespace", properties('A', '', { MetricNamespace: 'AWS/Logs' }), 'are reserved'],
  ['a default value', properties('A', '', { DefaultValue: 0 }), 'local-aws does not support the default value'],
  [
    'four dimensions',
    properties('A', '', { Dimensions: ['a', 'b', 'c', 'd'].map((Key) => ({ Key, Value: '$.a' })) }),
    'at most three dimensions',
  ],
])('%s is refused', async (_, given, message) => {
  await expect(provider.create(context(), given)).rejects.toThrow(message);
});

test('the API puts, lists and deletes them, and asks for each permission', async () => {
  const filter = {
    filterName: 'f',
    logGroupName: group,
    filterPattern: '{ $.code = * }',
    metricTransformations: [{ metricName: 'A', metricNamespace: namespace, metricValue: '1' }],
  };
  started.role('reader', { Effect: 'Allow', Action: 'logs:DescribeMetricFilters', Resource: '*' });
  const reader = started.client('reader').credentials.accessKeyId;
  expect(await call('PutMetricFilter', filter, reader)).toMatchObject({ __type: 'AccessDeniedException' });
  expect(await call('PutMetricFilter', filter)).toEqual({});
  expect(await call('DescribeMetricFilters', { logGroupName: group }, reader)).toMatchObject({
    metricFilters: [filter],
  });
  const name = { filterName: 'f', logGroupName: group };
  expect(await call('DeleteMetricFilter', name, reader)).toMatchObject({ __type: 'AccessDeniedException' });
  expect(await call('DeleteMetricFilter', name)).toEqual({});
  expect(await call('DeleteMetricFilter', name)).toMatchObject({ __type: 'ResourceNotFoundException' });
});

describe('a log group', () => {
  const arn = `arn:aws:logs:${region}:${account}:log-group:${group}`;

  test('is tagged, and the tags are read and taken away', async () => {
    await call('TagResource', { resourceArn: arn, tags: { a: '1', b: '2' } });
    await call('UntagResource', { resourceArn: arn, tagKeys: ['a', 'absent'] });
    expect(await call('ListTagsForResource', { resourceArn: arn })).toEqual({ tags: { b: '2' } });
    const missing = { resourceArn: arn.replace('agent', 'absent') };
    expect(await call('ListTagsForResource', missing)).toMatchObject({ __type: 'ResourceNotFoundException' });
    expect(await call('ListTagsForResource', { resourceArn: `${arn}:*` })).toMatchObject({
      __type: 'InvalidParameterException',
    });
  });

  test('gets a KMS key and loses it, and keeps its retention', async () => {
    await call('PutRetentionPolicy', { logGroupName: group, retentionInDays: 7 });
    const key = `arn:aws:kms:${region}:${account}:key/1`;
    await call('AssociateKmsKey', { logGroupName: group, kmsKeyId: key });
    expect(started.aws.logs.group(region, group)).toMatchObject({ kmsKeyId: key, retentionInDays: 7 });
    await call('DisassociateKmsKey', { logGroupName: group });
    expect(started.aws.logs.group(region, group)).toMatchObject({ retentionInDays: 7 });
    expect(started.aws.logs.group(region, group)).not.toHaveProperty('kmsKeyId');
    expect(await call('AssociateKmsKey', { logGroupName: 'absent', kmsKeyId: key })).toMatchObject({
      __type: 'ResourceNotFoundException',
    });
  });

  test('of tags needs the permission to tag', async () => {
    started.role('creator', { Effect: 'Allow', Action: 'logs:CreateLogGroup', Resource: '*' });
    const creator = started.client('creator').credentials.accessKeyId;
    expect(await call('CreateLogGroup', { logGroupName: 'tagged', tags: { a: '1' } }, creator)).toMatchObject({
      __type: 'AccessDeniedException',
    });
    expect(await call('CreateLogGroup', { logGroupName: 'plain' }, creator)).toEqual({});
  });
});
