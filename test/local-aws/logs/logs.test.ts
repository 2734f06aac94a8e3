import { compileFilterPattern } from '../../../local-aws/logs/filter-pattern.ts';
import { LogStore } from '../../../local-aws/logs/log-store.ts';
import { logsService } from '../../../local-aws/logs/service.ts';
import { account, region, type Started, startServices } from '../http/start-services.ts';

const group = '/aws/bedrock-agentcore/runtimes/agent-DEFAULT';

let started: Started;
beforeEach(async () => {
  started = await startServices(
    (aws) => {
      aws.logs = new LogStore();
    },
    [logsService],
  );
});
afterEach(() => started.close());

interface Answer {
  readonly events: { readonly message: string }[];
  readonly nextToken?: string;
  readonly nextForwardToken?: string;
  readonly nextBackwardToken?: string;
}

const call = async (operation: string, input: object, accessKeyId = 'test'): Promise<Answer> => {
  const headers = { 'x-amz-target': `Logs_20140328.${operation}` };
  const response = await started.send({ service: 'logs', headers, body: JSON.stringify(input), accessKeyId });
  return (await response.json()) as Answer;
};

describe('the store', () => {
  test('keeps the last 10,000 events of a group', () => {
    const logs = new LogStore();
    logs.createGroup(region, group);
    for (let index = 0; index < 10_005; index++) logs.write(region, group, 's', String(index));
    const events = logs.events(region, group);
    expect([events.length, events.at(0)?.message, events.at(-1)?.message]).toEqual([10_000, '5', '10004']);
  });

  test('loses what is written to a group that is not there, as AWS does', () => {
    const logs = new LogStore();
    logs.write(region, group, 's', 'lost');
    expect(logs.hasGroup(region, group)).toBe(false);
    expect(logs.events(region, group)).toEqual([]);
  });

  test('keeps Regions apart', () => {
    const logs = new LogStore();
    logs.createGroup(region, group, { retentionInDays: 30 });
    expect(logs.hasGroup('us-east-1', group)).toBe(false);
    expect(logs.groups(region)).toMatchObject([{ name: group, retentionInDays: 30 }]);
  });
});

test('a group is made, kept for some days, and deleted', async () => {
  await call('CreateLogGroup', { logGroupName: group });
  expect(await call('CreateLogGroup', { logGroupName: group })).toMatchObject({
    __type: 'ResourceAlreadyExistsException',
  });
  await call('PutRetentionPolicy', { logGroupName: group, retentionInDays: 7 });
  expect(await call('DescribeLogGroups', { logGroupNamePrefix: '/aws/' })).toMatchObject({
    logGroups: [
      { logGroupName: group, retentionInDays: 7, arn: `arn:aws:logs:${region}:${account}:log-group:${group}:*` },
    ],
  });
  await call('DeleteLogGroup', { logGroupName: group });
  expect(await call('DescribeLogGroups', {})).toEqual({ logGroups: [] });
  expect(await call('DeleteLogGroup', { logGroupName: group })).toEqual({
    __type: 'ResourceNotFoundException',
    message: 'The specified log group does not exist.',
  });
});

test('a retention that CloudWatch does not have is refused', async () => {
  await call('CreateLogGroup', { logGroupName: group });
  expect(await call('PutRetentionPolicy', { logGroupName: group, retentionInDays: 8 })).toMatchObject({
    __type: 'InvalidParameterException',
  });
});

describe('events', () => {
  const stream = 's';
  beforeEach(async () => {
    await call('CreateLogGroup', { logGroupName: group });
    await call('CreateLogStream', { logGroupName: group, logStreamName: stream });
    const logEvents = ['one', 'two', 'three'].map((message, index) => ({ timestamp: 1000 * (index + 1), message }));
    await call('PutLogEvents', { logGroupName: group, logStreamName: stream, logEvents });
  });
  const messages = ({ events }: Answer) => events.map(({ message }) => message);

  test('are read from the end, or from the head, page by page until the token stays the same', async () => {
    const read = (input: object) => call('GetLogEvents', { logGroupName: group, logStreamName: stream, ...input });
    expect(messages(await read({ limit: 2 }))).toEqual(['two', 'three']);
    const first = await read({ limit: 2, startFromHead: true });
    expect(messages(first)).toEqual(['one', 'two']);
    const second = await read({ limit: 2, nextToken: first.nextForwardToken });
    expect(messages(second)).toEqual(['three']);
    const end = await read({ nextToken: second.nextForwardToken });
    expect([messages(end), end.nextForwardToken]).toEqual([[], second.nextForwardToken]);
    expect(messages(await read({ nextToken: second.nextBackwardToken }))).toEqual(['one', 'two']);
  });

  test('are filtered by time and by words', async () => {
    const filter = (input: object) => call('FilterLogEvents', { logGroupName: group, ...input });
    expect(messages(await filter({ startTime: 2000, endTime: 3000 }))).toEqual(['two']);
    expect(messages(await filter({ filterPattern: 'three' }))).toEqual(['three']);
    const page = await filter({ limit: 2 });
    expect(messages(await filter({ limit: 2, nextToken: page.nextToken }))).toEqual(['three']);
    expect(messages(await filter({ filterPattern: '{ $.level = "error" }' }))).toEqual([]);
  });

  test('show in their stream', async () => {
    expect(await call('DescribeLogStreams', { logGroupName: group })).toMatchObject({
      logStreams: [{ logStreamName: stream, firstEventTimestamp: 1000, lastEventTimestamp: 3000 }],
    });
    expect(await call('GetLogEvents', { logGroupName: group, logStreamName: 'other' })).toMatchObject({
      message: 'The specified log stream does not exist.',
    });
  });
});

test.each([
  ['', 'anything', true],
  ['error', 'an error', true],
  ['error', 'an Error', false],
  ['an error', 'error, an', true],
  ['"an error"', 'error, an', false],
])('the pattern %s against "%s": %s', (pattern, message, expected) => {
  expect(compileFilterPattern(pattern)(message)).toBe(expected);
});

test('a policy names a group with a star behind it, as on AWS', async () => {
  const arn = `arn:aws:logs:${region}:${account}:log-group:${group}`;
  started.role('good', { Effect: 'Allow', Action: 'logs:CreateLogGroup', Resource: `${arn}:*` });
  started.role('bad', { Effect: 'Allow', Action: 'logs:CreateLogGroup', Resource: arn });
  const as = (role: string) =>
    call('CreateLogGroup', { logGroupName: group }, started.client(role).credentials.accessKeyId);
  expect(await as('bad')).toMatchObject({ __type: 'AccessDeniedException' });
  expect(await as('good')).toEqual({});
});
