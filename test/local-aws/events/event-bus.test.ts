import type { Aws } from '../../../local-aws/aws.ts';
import type { Properties, ResourceProvider } from '../../../local-aws/cloudformation/resource-provider.ts';
import { resourceProviders } from '../../../local-aws/cloudformation/resources/index.ts';
import { deliveryDelay } from '../../../local-aws/events/event-bus.ts';
import { retryDelays } from '../../../local-aws/lambda/async-invocation.ts';
import { account, contextFor, eventually, openAccount, putRole, region, upload } from '../lambda/support.ts';

const provider = (type: string) => resourceProviders.find((each) => each.type === type) as ResourceProvider;
const make = (type: string, logicalId: string, properties: Properties, roleArn?: string) =>
  provider(type).create(contextFor(aws, logicalId, type, roleArn), properties);

let aws: Aws;
let close: () => Promise<void>;
let functionArn: string;
/** Tells at once whether the function is called; what it received is known only when its child has run. */
let called: jest.SpyInstance;

beforeEach(async () => {
  ({ aws, close } = await openAccount());
  retryDelays.milliseconds = [10, 10];
  deliveryDelay.milliseconds = 10;
  const role = putRole(aws, 'handler', 'lambda.amazonaws.com', [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }]);
  const fn = await aws.functions.create(region, {
    functionName: 'target',
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    role: role.arn,
    code: upload(aws, { 'index.mjs': 'export const handler = async (e) => console.log("GOT" + JSON.stringify(e));' }),
  });
  functionArn = fn.arn;
  called = jest.spyOn(aws.functions, 'invokeAsynchronously');
});
afterEach(() => close());

/** What the function was called with, in order. */
const received = (): Record<string, unknown>[] =>
  aws.logs
    .events(region, '/aws/lambda/target')
    .flatMap(({ message }) => (message.includes('\tGOT') ? [JSON.parse(message.split('\tGOT')[1] ?? '')] : []));

const callsOn = (secretId: string) => ({
  source: ['aws.secretsmanager'],
  'detail-type': ['AWS API Call via CloudTrail'],
  detail: { eventName: ['PutSecretValue', 'UpdateSecret'], requestParameters: { secretId: [secretId] } },
});

async function makeRule(more: Properties = {}, permission: Properties | 'none' = {}) {
  const made = await make('AWS::Events::Rule', 'Rule', {
    EventPattern: callsOn('openai'),
    Targets: [{ Id: 'Target0', Arn: functionArn }],
    ...more,
  });
  if (permission !== 'none') {
    await make('AWS::Lambda::Permission', 'Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName: functionArn,
      Principal: 'events.amazonaws.com',
      SourceArn: made.attributes.Arn,
      ...permission,
    });
  }
  return made;
}

const administrator = () => aws.iam.administrator;
const createSecret = (name = 'openai') =>
  aws.secrets.create(administrator(), region, { name, secretString: 'sk-the-first' }).arn;
const putSecret = (secretId = 'openai') =>
  aws.secrets.putValue(administrator(), region, { secretId, secretString: 'sk-the-second' });
const pause = () => new Promise((resolve) => setTimeout(resolve, 150));

describe('a new value of a secret', () => {
  it('comes to the function as CloudTrail tells it: by the id that the caller gave, and without the value', async () => {
    await makeRule();
    const arn = createSecret();
    const { versionId } = putSecret();
    expect(await eventually(() => received().length > 0)).toBe(true);
    const [event] = received();
    expect(event).toMatchObject({
      version: '0',
      'detail-type': 'AWS API Call via CloudTrail',
      source: 'aws.secretsmanager',
      account,
      region,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      detail: {
        eventSource: 'secretsmanager.amazonaws.com',
        eventName: 'PutSecretValue',
        awsRegion: region,
        requestParameters: { secretId: 'openai', clientRequestToken: versionId },
        responseElements: { arn },
        userIdentity: { type: 'IAMUser', arn: administrator().arn },
        readOnly: false,
      },
    });
    expect(JSON.stringify(event)).not.toContain('sk-the');
  });

  it('is told by Secrets Manager too, with no call in it: which label is on another version now', async () => {
    const arn = createSecret();
    await pause();
    await makeRule({
      EventPattern: { 'detail-type': ['Secret Label Updated'], resources: [arn] },
    });
    const { versionId } = putSecret(arn);
    expect(await eventually(() => received().length > 0)).toBe(true);
    await pause();
    expect(received()).toEqual([
      expect.objectContaining({
        source: 'aws.secretsmanager',
        resources: [arn],
        detail: { name: 'openai', labelUpdated: 'AWSCURRENT', versionId },
      }),
    ]);
  });

  it('of a version that is not the current one, and of another secret, comes to nobody who does not ask for it', async () => {
    const arn = createSecret();
    createSecret('other');
    await pause();
    await makeRule({ EventPattern: { 'detail-type': ['Secret Label Updated'], resources: [arn] } });
    aws.secrets.putValue(administrator(), region, {
      secretId: 'openai',
      secretString: 'sk-pending',
      versionStages: ['AWSPENDING'],
    });
    putSecret('other');
    await pause();
    expect(called).not.toHaveBeenCalled();
  });

  it('names the role that has put it', async () => {
    await makeRule();
    createSecret();
    const { arn } = putRole(aws, 'rotator', 'test.amazonaws.com', [
      { Effect: 'Allow', Action: 'secretsmanager:*', Resource: '*' },
    ]);
    const { principal } = aws.iam.assumeRoleAsService(arn, 'test.amazonaws.com', 'session');
    aws.secrets.update(principal, region, { secretId: 'openai', secretString: 'sk-the-second' });
    expect(await eventually(() => received().length > 0)).toBe(true);
    expect(received()[0]).toMatchObject({
      detail: {
        eventName: 'UpdateSecret',
        userIdentity: { type: 'AssumedRole', sessionContext: { sessionIssuer: { arn, userName: 'rotator' } } },
      },
    });
  });

  it('is brought in the shape that the rule’s target asks for', async () => {
    await makeRule({
      Targets: [
        {
          Id: 'Target0',
          Arn: functionArn,
          InputTransformer: {
            InputPathsMap: { time: '$.time', name: '$.detail.eventName' },
            InputTemplate: '{"refresh":{"SecretId":"openai"},"time":<time>,"eventName":<name>}',
          },
        },
      ],
    });
    createSecret();
    putSecret();
    expect(await eventually(() => received().length > 0)).toBe(true);
    expect(received()[0]).toEqual({
      refresh: { SecretId: 'openai' },
      time: expect.stringMatching(/Z$/),
      eventName: 'PutSecretValue',
    });
  });
});

describe('nothing comes', () => {
  it.each<[string, Properties, Properties | 'none']>([
    ['without a permission of the function', {}, 'none'],
    ['with a permission for another rule', {}, { SourceArn: `arn:aws:events:${region}:${account}:rule/other` }],
    ['with a permission for another service', {}, { Principal: 's3.amazonaws.com' }],
    ['from a rule that is disabled', { State: 'DISABLED' }, {}],
    ['of another secret', { EventPattern: callsOn('other') }, {}],
  ])('%s', async (_title, rule, permission) => {
    await makeRule(rule, permission);
    createSecret();
    putSecret();
    await pause();
    expect(called).not.toHaveBeenCalled();
  });

  it('from a rule that was deleted', async () => {
    const { physicalId } = await makeRule();
    await provider('AWS::Events::Rule').delete(contextFor(aws, 'Rule', 'AWS::Events::Rule'), physicalId, {});
    createSecret();
    putSecret();
    await pause();
    expect(called).not.toHaveBeenCalled();
  });
});

describe('an event that cannot be delivered', () => {
  async function makeRuleWithQueue(allows: boolean) {
    const queue = await make('AWS::SQS::Queue', 'Dlq', {});
    const targets = [{ Id: 'Target0', Arn: functionArn, DeadLetterConfig: { Arn: queue.attributes.Arn } }];
    const made = await makeRule({ Targets: targets }, 'none');
    await make('AWS::SQS::QueuePolicy', 'Policy', {
      Queues: [queue.physicalId],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'sqs:SendMessage',
            Principal: { Service: 'events.amazonaws.com' },
            Resource: queue.attributes.Arn,
            Condition: { ArnEquals: { 'aws:SourceArn': allows ? made.attributes.Arn : 'arn:aws:events:::rule/other' } },
          },
        ],
      },
    });
    createSecret();
    putSecret();
    return { rule: made, messages: () => aws.queues.find(region, String(queue.attributes.Arn))?.messages ?? [] };
  }

  it('lands in the target’s dead-letter queue, with the reason', async () => {
    const { rule, messages } = await makeRuleWithQueue(true);
    expect(await eventually(() => messages().length > 0)).toBe(true);
    const [message] = messages();
    expect(JSON.parse(message?.body ?? '')).toMatchObject({ detail: { eventName: 'PutSecretValue' } });
    expect(message?.attributes).toMatchObject({
      RULE_ARN: rule.attributes.Arn,
      TARGET_ARN: functionArn,
      ERROR_CODE: 'NO_PERMISSIONS',
    });
  });

  it('is lost where the queue’s policy does not let the rule in', async () => {
    const { messages } = await makeRuleWithQueue(false);
    await pause();
    expect(messages()).toEqual([]);
  });
});

describe('a schedule', () => {
  it('calls the function, without an event of the bus', async () => {
    const { physicalId, attributes } = await makeRule({ EventPattern: undefined, ScheduleExpression: 'rate(1 day)' });
    expect(aws.events.rules(region)).toMatchObject([{ name: physicalId, interval: 86_400_000 }]);
    aws.events.runSchedule(region, physicalId);
    expect(await eventually(() => received().length > 0)).toBe(true);
    expect(received()).toEqual([
      expect.objectContaining({
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        resources: [attributes.Arn],
        detail: {},
      }),
    ]);
  });

  it('stands beside a pattern: both call', async () => {
    const { physicalId } = await makeRule({ ScheduleExpression: 'rate(2 hours)' });
    createSecret();
    putSecret();
    aws.events.runSchedule(region, physicalId);
    expect(await eventually(() => received().length === 2)).toBe(true);
  });

  it('comes by itself when its time has passed, until the rule is deleted', async () => {
    jest.useFakeTimers({ doNotFake: ['setTimeout', 'nextTick', 'queueMicrotask', 'setImmediate'] });
    try {
      const { physicalId } = await makeRule({ ScheduleExpression: 'rate(1 minute)' });
      jest.advanceTimersByTime(59_000);
      expect(called).not.toHaveBeenCalled();
      jest.advanceTimersByTime(1_000);
      expect(called).toHaveBeenCalledTimes(1);
      aws.events.deleteRule(region, physicalId);
      jest.advanceTimersByTime(120_000);
      expect(called).toHaveBeenCalledTimes(1);
    } finally {
      jest.useRealTimers();
    }
  });

  it('of a rule that is disabled calls nobody', async () => {
    const { physicalId } = await makeRule({ ScheduleExpression: 'rate(1 day)', State: 'DISABLED' });
    aws.events.runSchedule(region, physicalId);
    expect(called).not.toHaveBeenCalled();
  });

  it.each([
    ['rate(0 days)', 'Parameter ScheduleExpression is not valid.'],
    ['rate(1 days)', 'Parameter ScheduleExpression is not valid.'],
    ['rate(2 day)', 'Parameter ScheduleExpression is not valid.'],
    ['daily', 'Parameter ScheduleExpression is not valid.'],
    ['cron(0 12 * * ? *)', 'it knows rates only'],
    ['rate(25 days)', 'up to 24 days'],
  ])('%s is refused', async (ScheduleExpression, message) => {
    await expect(makeRule({ ScheduleExpression })).rejects.toThrow(message);
  });

  it('or a pattern is what a rule needs', async () => {
    await expect(makeRule({ EventPattern: undefined })).rejects.toThrow(/EventPattern or ScheduleExpression/);
  });
});

describe('AWS::Events::Rule', () => {
  it('has a name and an ARN, and changes in place', async () => {
    const properties = { EventPattern: callsOn('openai'), Targets: [{ Id: 'a', Arn: functionArn }] };
    const { physicalId, attributes } = await make('AWS::Events::Rule', 'Rule', properties);
    expect(attributes.Arn).toBe(`arn:aws:events:${region}:${account}:rule/${physicalId}`);
    const context = contextFor(aws, 'Rule', 'AWS::Events::Rule');
    const changed = { ...properties, EventPattern: callsOn('other') };
    await provider('AWS::Events::Rule').update(context, physicalId, changed, properties);
    expect(aws.events.findRule(region, physicalId)?.pattern).toEqual(changed.EventPattern);
  });

  it.each<[string, Properties, string]>([
    ['another bus', { EventBusName: 'own' }, 'local-aws does not support the event bus own'],
    ['another kind of target', { Targets: [{ Id: 'a', Arn: 'arn:aws:sqs:x:1:q' }] }, 'a rule calls Lambda functions'],
    ['what a target may have on AWS', { Targets: [{ Id: 'a', Arn: 'x', RoleArn: 'y' }] }, 'Targets.RoleArn'],
    ['a matcher', { EventPattern: { a: [{ numeric: ['>', 0] }] } }, 'the matcher "numeric"'],
  ])('refuses by name what it does not do: %s', async (_title, more, message) => {
    await expect(makeRule(more)).rejects.toThrow(message);
  });

  it('refuses a pattern of more characters than the quota, once its references have their values', async () => {
    const ofSize = (size: number) => ({ EventPattern: { source: ['a'.repeat(size - '{"source":[""]}'.length)] } });
    await expect(makeRule(ofSize(2049))).rejects.toThrow('The event pattern has 2049 characters: at most 2048');
    await expect(makeRule(ofSize(2048))).resolves.toBeDefined();
  });

  it.each(['events:PutRule', 'events:PutTargets'])('needs the deployer’s permission %s', async (missing) => {
    const rest = ['events:PutRule', 'events:PutTargets'].filter((action) => action !== missing);
    const deployer = putRole(aws, 'deployer', 'cloudformation.amazonaws.com', [
      { Effect: 'Allow', Action: rest, Resource: '*' },
    ]);
    const properties = { EventPattern: callsOn('openai'), Targets: [{ Id: 'a', Arn: functionArn }] };
    await expect(make('AWS::Events::Rule', 'Rule', properties, deployer.arn)).rejects.toThrow(
      `is not authorized to perform: ${missing} on resource: arn:aws:events:${region}:${account}:rule/`,
    );
  });
});
