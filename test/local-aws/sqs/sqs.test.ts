import { createHash } from 'node:crypto';
import type { Properties, ResourceProvider } from '../../../local-aws/cloudformation/resource-provider.ts';
import { Queues } from '../../../local-aws/sqs/queue-store.ts';
import { sqsResources } from '../../../local-aws/sqs/resources.ts';
import { sqsService } from '../../../local-aws/sqs/service.ts';
import { account, region, type Started, startServices } from '../http/start-services.ts';
import { contextFor } from '../lambda/support.ts';

const [queueProvider, policyProvider] = sqsResources as [ResourceProvider, ResourceProvider];
const arn = `arn:aws:sqs:${region}:${account}:dead-letters`;
let started: Started;
let url: string;

beforeEach(async () => {
  started = await startServices(
    (aws) => {
      aws.queues = new Queues(aws);
    },
    [sqsService],
  );
  started.aws.queues.create(region, 'dead-letters');
  url = `${started.endpoint}/${account}/dead-letters`;
});
afterEach(() => started.close());

/** A call as an SDK of today makes it: JSON 1.0, the operation in a header. */
async function call(operation: string, input: object, roleName?: string) {
  const response = await started.send({
    service: 'sqs',
    headers: { 'x-amz-target': `AmazonSQS.${operation}`, 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify(input),
    ...(roleName ? { accessKeyId: started.client(roleName).credentials.accessKeyId } : {}),
  });
  const output = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, output };
}
const send = (body: string, attributes: Record<string, string> = {}) =>
  started.aws.queues.send(started.aws.iam.administrator, region, arn, { body, attributes });
const receive = async (more: object = {}) => {
  const { output } = await call('ReceiveMessage', { QueueUrl: url, ...more });
  return (output.Messages ?? []) as Record<string, unknown>[];
};

describe('a message', () => {
  test('is received with its checksum, is hidden then, and is gone once it was deleted', async () => {
    send('{"refresh":1}');
    const [message] = await receive();
    expect(message).toEqual({
      MessageId: expect.any(String),
      ReceiptHandle: expect.any(String),
      Body: '{"refresh":1}',
      MD5OfBody: createHash('md5').update('{"refresh":1}').digest('hex'),
    });
    expect(await receive()).toEqual([]);
    await call('DeleteMessage', { QueueUrl: url, ReceiptHandle: message?.ReceiptHandle });
    expect(await receive({ VisibilityTimeout: 0 })).toEqual([]);
    expect(started.aws.queues.find(region, arn)?.messages).toEqual([]);
  });

  test('comes back when its time is over, with a new receipt handle: the old one deletes nothing', async () => {
    send('again');
    const [first] = await receive({ VisibilityTimeout: 0 });
    const [second] = await receive({ VisibilityTimeout: 0, AttributeNames: ['ApproximateReceiveCount'] });
    expect(second?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
    await call('DeleteMessage', { QueueUrl: url, ReceiptHandle: first?.ReceiptHandle });
    expect(await receive()).toHaveLength(1);
  });

  test('shows the attributes that one asks for, and only those', async () => {
    send('x', { ErrorCode: '200', ErrorMessage: 'it cannot' });
    const [message] = await receive({ MessageAttributeNames: ['ErrorCode'], MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({
      MessageAttributes: { ErrorCode: { StringValue: '200', DataType: 'String' } },
      Attributes: { SenderId: expect.any(String), SentTimestamp: expect.stringMatching(/^\d{13}$/) },
    });
    expect(Object.keys(message?.MessageAttributes as object)).toEqual(['ErrorCode']);
  });

  test('is waited for as long as one says', async () => {
    const waiting = receive({ WaitTimeSeconds: 5 });
    setTimeout(() => send('late'), 150);
    expect(await waiting).toMatchObject([{ Body: 'late' }]);
  });

  test('comes with others, ten at most, oldest first', async () => {
    for (let n = 1; n <= 12; n++) send(String(n));
    expect((await receive({ MaxNumberOfMessages: 10 })).map(({ Body }) => Body)).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
      '10',
    ]);
    expect((await call('ReceiveMessage', { QueueUrl: url, MaxNumberOfMessages: 11 })).output).toMatchObject({
      __type: 'InvalidParameterValue',
      message: 'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
    });
  });

  test('is dropped when it is older than the queue keeps it', async () => {
    const queue = started.aws.queues.create(region, 'short', { MessageRetentionPeriod: 0 });
    started.aws.queues.send(started.aws.iam.administrator, region, queue.arn, { body: 'old' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await receive({ QueueUrl: started.aws.queues.url(queue) })).toEqual([]);
  });
});

describe('a queue', () => {
  test('is found by its name, and tells how many messages it has', async () => {
    expect((await call('GetQueueUrl', { QueueName: 'dead-letters' })).output).toEqual({ QueueUrl: url });
    expect((await call('ListQueues', { QueueNamePrefix: 'dead' })).output).toEqual({ QueueUrls: [url] });
    send('one');
    send('two');
    await receive();
    const names = ['QueueArn', 'ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];
    expect((await call('GetQueueAttributes', { QueueUrl: url, AttributeNames: names })).output).toEqual({
      Attributes: { QueueArn: arn, ApproximateNumberOfMessages: '1', ApproximateNumberOfMessagesNotVisible: '1' },
    });
    expect((await call('GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] })).output).toMatchObject({
      Attributes: { VisibilityTimeout: '30', MessageRetentionPeriod: '345600' },
    });
  });

  test('that is not there is reported by the name that SDKs know of old', async () => {
    const { status, headers, output } = await call('ReceiveMessage', { QueueUrl: `${started.endpoint}/${account}/no` });
    expect([status, output]).toEqual([
      400,
      { __type: 'QueueDoesNotExist', message: 'The specified queue does not exist.' },
    ]);
    expect(headers.get('x-amzn-query-error')).toBe('AWS.SimpleQueueService.NonExistentQueue;Sender');
    expect((await call('GetQueueUrl', { QueueName: 'no' })).output).toMatchObject({ __type: 'QueueDoesNotExist' });
  });

  test('takes no message from a client: local-aws refuses by name what it does not do', async () => {
    const { output } = await call('SendMessage', { QueueUrl: url, MessageBody: 'x' });
    expect(output).toMatchObject({ message: 'local-aws does not support SQS: SendMessage.' });
  });

  test('lets a role in by the role’s policy or by its own, and not without one', async () => {
    const read = { Effect: 'Allow', Action: 'sqs:ReceiveMessage', Resource: arn } as const;
    started.role('reader', read);
    started.role('stranger');
    const queue = started.aws.queues.find(region, arn);
    expect((await call('ReceiveMessage', { QueueUrl: url }, 'reader')).status).toBe(200);
    expect((await call('ReceiveMessage', { QueueUrl: url }, 'stranger')).output).toMatchObject({
      __type: 'AccessDeniedException',
    });
    const stranger = started.aws.iam.roleArn('stranger');
    if (queue) queue.policy = { Statement: { ...read, Principal: { AWS: stranger } } };
    expect((await call('ReceiveMessage', { QueueUrl: url }, 'stranger')).status).toBe(200);
    if (queue) queue.policy = { Statement: { ...read, Effect: 'Deny', Principal: '*' } };
    expect((await call('ReceiveMessage', { QueueUrl: url }, 'reader')).output).toMatchObject({
      message: expect.stringContaining('with an explicit deny in a resource-based policy'),
    });
  });
});

describe('AWS::SQS::Queue', () => {
  const context = () => ({ ...contextFor(started.aws, 'Dlq', 'AWS::SQS::Queue'), region });
  const made = (properties: Properties = {}) => queueProvider.create(context(), properties);

  test('is made, changed and deleted, with what CDK’s Queue renders', async () => {
    const before = { MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true };
    const { physicalId, attributes } = await made(before);
    const name = 'Stack-Dlq-RANDOM';
    expect({ physicalId, attributes }).toEqual({
      physicalId: `${started.endpoint}/${account}/${name}`,
      attributes: { Arn: `arn:aws:sqs:${region}:${account}:${name}`, QueueName: name, QueueUrl: physicalId },
    });
    const settings = () => started.aws.queues.find(region, physicalId)?.settings;
    expect(settings()).toMatchObject({ MessageRetentionPeriod: 1_209_600, VisibilityTimeout: 30 });
    await queueProvider.update(context(), physicalId, { VisibilityTimeout: '60' }, before);
    expect(settings()).toMatchObject({ MessageRetentionPeriod: 345_600, VisibilityTimeout: 60 });
    await queueProvider.delete(context(), physicalId, {});
    await queueProvider.delete(context(), physicalId, {});
    expect(settings()).toBeUndefined();
  });

  test.each<[string, Properties, string]>([
    ['FIFO', { FifoQueue: true, QueueName: 'a.fifo' }, 'local-aws does not support FIFO queues (a.fifo)'],
    ['a name that is none', { QueueName: 'a b' }, 'The name a b can only include'],
    ['too long a retention', { MessageRetentionPeriod: 1_209_601 }, 'MessageRetentionPeriod: it is 60 to 1209600'],
    ['a name that is taken', { QueueName: 'dead-letters' }, 'A queue named dead-letters already exists.'],
  ])('refuses %s', async (_title, properties, message) => {
    await expect(made(properties)).rejects.toThrow(message);
  });

  test('knows neither keys of KMS nor a redrive: the engine refuses properties that are not listed', () => {
    expect(queueProvider.properties).not.toContain('KmsMasterKeyId');
    expect(queueProvider.properties).not.toContain('RedrivePolicy');
  });
});

describe('AWS::SQS::QueuePolicy', () => {
  const context = () => ({ ...contextFor(started.aws, 'Policy', 'AWS::SQS::QueuePolicy'), region });
  const statement = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: arn };
  const service = { Principal: { Service: 'events.amazonaws.com' } };
  const rule = 'arn:aws:events:::rule/mine';
  const sent = (name = 'events.amazonaws.com', sourceArn = rule) =>
    started.aws.queues.sendAsService(name, { sourceArn }, arn, { body: 'x' }) !== undefined;
  const properties = (more: object): Properties => ({
    Queues: [url],
    PolicyDocument: { Statement: [{ ...statement, ...more }] },
  });

  test('lets the service in that it names, for the source that it names, as long as it is there', async () => {
    expect(sent()).toBe(false);
    const policy = properties({ ...service, Condition: { ArnEquals: { 'aws:SourceArn': rule } } });
    const { physicalId } = await policyProvider.create(context(), policy);
    expect([sent(), sent('sns.amazonaws.com'), sent(undefined, 'arn:other')]).toEqual([true, false, false]);
    await policyProvider.delete(context(), physicalId, policy);
    expect(sent()).toBe(false);
  });

  test('may ask for TLS, as CDK’s enforceSSL does', async () => {
    const deny = { Effect: 'Deny', Principal: { AWS: '*' }, Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
    await policyProvider.create(context(), properties(deny));
    expect((await call('ReceiveMessage', { QueueUrl: url })).status).toBe(200);
  });

  test('needs a principal, and a queue that is there', async () => {
    await expect(policyProvider.create(context(), properties({}))).rejects.toMatchObject({
      code: 'MalformedPolicyDocument',
    });
    const nowhere = { ...properties(service), Queues: ['https://x/1/nowhere'] };
    await expect(policyProvider.create(context(), nowhere)).rejects.toThrow('https://x/1/nowhere does not exist');
  });
});
