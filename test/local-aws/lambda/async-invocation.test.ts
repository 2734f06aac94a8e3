import type { Aws } from '../../../local-aws/aws.ts';
import type { Properties, ResourceProvider } from '../../../local-aws/cloudformation/resource-provider.ts';
import { retryDelays } from '../../../local-aws/lambda/async-invocation.ts';
import type { FunctionConfiguration } from '../../../local-aws/lambda/function-configuration.ts';
import { lambdaResources } from '../../../local-aws/lambda/resources.ts';
import type { Queue } from '../../../local-aws/sqs/queue-store.ts';
import { contextFor, eventually, openAccount, putRole, region, upload } from './support.ts';

const configType = 'AWS::Lambda::EventInvokeConfig';
const configProvider = lambdaResources.find(({ type }) => type === configType) as ResourceProvider;
let aws: Aws;
let close: () => Promise<void>;
let role: string;
let queue: Queue;

beforeEach(async () => {
  ({ aws, close } = await openAccount());
  retryDelays.milliseconds = [10, 10];
  queue = aws.queues.create(region, 'dead-letters');
  role = putRole(aws, 'handler', 'lambda.amazonaws.com', [
    { Effect: 'Allow', Action: ['logs:*', 'sqs:SendMessage'], Resource: '*' },
  ]).arn;
});
afterEach(() => close());

const deploy = (functionName: string, body: string, more: Partial<FunctionConfiguration> = {}) =>
  aws.functions.create(region, {
    functionName,
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    role,
    timeout: 10,
    code: upload(aws, { 'index.mjs': `export const handler = async (event) => { ${body} };` }),
    ...more,
  });
const tries = (name: string) =>
  aws.logs.events(region, `/aws/lambda/${name}`).filter(({ message }) => message.endsWith('\ttry')).length;
const configure = (properties: Properties) =>
  configProvider.create(contextFor(aws, 'Config', configType), { Qualifier: '$LATEST', ...properties });

const failing = `console.log('try'); throw new Error('it cannot');`;

describe('an event that nobody waits for', () => {
  it('is repeated twice when the function fails on it, and is then in the dead-letter queue as it was', async () => {
    await deploy('fn', failing, { deadLetterTarget: queue.arn });
    expect(await aws.functions.invokeAsynchronously(region, 'fn', { refresh: 1 })).toBe('failed');
    expect(tries('fn')).toBe(3);
    expect(queue.messages).toMatchObject([
      { body: '{"refresh":1}', attributes: { ErrorCode: '200', ErrorMessage: 'it cannot' } },
    ]);
  });

  it('is not repeated when the function has worked it off, and lands in no queue', async () => {
    await deploy('fn', `console.log('try');`, { deadLetterTarget: queue.arn });
    expect(await aws.functions.invokeAsynchronously(region, 'fn', {})).toBe('done');
    expect([tries('fn'), queue.messages]).toEqual([1, []]);
  });

  it('is repeated as often as AWS::Lambda::EventInvokeConfig says, and goes to its destination with its story', async () => {
    await deploy('fn', failing);
    await configure({
      FunctionName: 'fn',
      MaximumRetryAttempts: 1,
      MaximumEventAgeInSeconds: 3600,
      DestinationConfig: { OnFailure: { Destination: queue.arn } },
    });
    await aws.functions.invokeAsynchronously(region, 'fn', { refresh: 1 });
    expect(tries('fn')).toBe(2);
    expect(queue.messages.map(({ body }) => JSON.parse(body))).toMatchObject([
      {
        version: '1.0',
        requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 2 },
        requestPayload: { refresh: 1 },
        responsePayload: { errorType: 'Error', errorMessage: 'it cannot' },
      },
    ]);
  });

  it('is repeated twice again once the configuration is deleted', async () => {
    await deploy('fn', failing);
    const properties = { FunctionName: 'fn', MaximumRetryAttempts: 0 };
    await configure(properties);
    await configProvider.delete(contextFor(aws, 'Config', configType), 'id', properties);
    await aws.functions.invokeAsynchronously(region, 'fn', {});
    expect(tries('fn')).toBe(3);
  });

  it('waits while the function is throttled, and that is no try', async () => {
    await deploy('fn', `console.log('try'); await new Promise((done) => setTimeout(done, 200));`, {
      reservedConcurrentExecutions: 1,
    });
    const both = [1, 2].map(() => aws.functions.invokeAsynchronously(region, 'fn', {}));
    expect(await Promise.all(both)).toEqual(['done', 'done']);
    expect(tries('fn')).toBe(2);
  });

  it('goes to the dead-letter queue at once where the function may not run at all', async () => {
    await deploy('fn', failing, { reservedConcurrentExecutions: 0, deadLetterTarget: queue.arn });
    await aws.functions.invokeAsynchronously(region, 'fn', { a: 1 });
    expect([tries('fn'), queue.messages.map(({ body }) => body)]).toEqual([0, ['{"a":1}']]);
  });

  it('is lost where the role may not send to the queue any more', async () => {
    await deploy('fn', failing, { deadLetterTarget: queue.arn });
    aws.iam.role('handler').inlinePolicies.clear();
    expect(await aws.functions.invokeAsynchronously(region, 'fn', {})).toBe('failed');
    expect(queue.messages).toEqual([]);
  });
});

describe('a function whose host is killed in the middle of an event', () => {
  it('loses that event’s run, and Lambda repeats it in a new child', async () => {
    await deploy(
      'fn',
      `console.log('try'); if (event.hang && !(await import('node:fs')).existsSync(event.hang)) {
      (await import('node:fs')).writeFileSync(event.hang, ''); await new Promise(() => setInterval(() => {}, 1000)); }`,
    );
    const ended = aws.functions.invokeAsynchronously(region, 'fn', { hang: `${aws.directory}/hung` });
    await eventually(() => tries('fn') === 1);
    expect(await aws.functions.kill(region, 'fn')).toBe(1);
    expect(await ended).toBe('done');
    expect(tries('fn')).toBe(2);
  });

  it('answers a caller who waits with Runtime.ExitError', async () => {
    await deploy('fn', `console.log('try'); await new Promise(() => setInterval(() => {}, 1000));`);
    const answer = aws.functions.invoke(region, 'fn', {});
    await eventually(() => tries('fn') === 1);
    await aws.functions.killAll();
    expect(await answer).toMatchObject({
      functionError: 'Unhandled',
      payload: {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringContaining('Runtime exited with error: signal: SIGKILL'),
      },
    });
  });

  it('is left alone while it does nothing', async () => {
    await deploy('fn', 'return process.pid;');
    const { payload } = await aws.functions.invoke(region, 'fn', {});
    expect(await aws.functions.killAll()).toBe(0);
    expect((await aws.functions.invoke(region, 'fn', {})).payload).toBe(payload);
    await expect(aws.functions.kill(region, 'nowhere')).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });
});

describe('a queue for failed events is refused where the role may not send to it:', () => {
  beforeEach(() => aws.iam.role('handler').inlinePolicies.clear());
  const message = 'The provided execution role does not have permissions to call SendMessage on SQS';

  it('DeadLetterConfig', async () => {
    await expect(deploy('fn', '', { deadLetterTarget: queue.arn })).rejects.toThrow(message);
  });

  it('DestinationConfig', async () => {
    await deploy('fn', '');
    const properties = { FunctionName: 'fn', DestinationConfig: { OnFailure: { Destination: queue.arn } } };
    await expect(configure(properties)).rejects.toThrow(message);
  });
});

it.each<[string, Properties, string]>([
  [
    'OnSuccess',
    { DestinationConfig: { OnSuccess: { Destination: 'x' } } },
    'does not support DestinationConfig.OnSuccess',
  ],
  ['another version', { Qualifier: '1' }, 'does not support the Qualifier 1'],
  ['a topic', { DestinationConfig: { OnFailure: { Destination: 'arn:aws:sns:x' } } }, 'it sends to SQS queues only'],
  ['three retries', { MaximumRetryAttempts: 3 }, 'MaximumRetryAttempts is 3: it has to be from 0 to 2.'],
  ['too young events', { MaximumEventAgeInSeconds: 59 }, 'it has to be from 60 to 21600.'],
])('AWS::Lambda::EventInvokeConfig refuses %s', async (_title, properties, message) => {
  await deploy('fn', '');
  await expect(configure({ FunctionName: 'fn', ...properties })).rejects.toThrow(message);
});
