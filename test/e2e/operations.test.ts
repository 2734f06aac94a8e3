import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  GetMetricStatisticsCommand,
} from '@aws-sdk/client-cloudwatch';
import { readEnvironments } from '../../lib/environments/index.ts';
import {
  cloudFormationExecutionPolicy,
  defaultQualifier,
  inParts,
  permissionsBoundary,
} from '../../lib/policies/index.ts';
import { TestAccount } from '../support/account.ts';
import { synthesize } from '../support/in-process-cdk.ts';

const [identityStack, agentStack] = ['outbound-auth-dev-identity', 'outbound-auth-dev-agent'];
const secret = 'team/openai';
const key = (id: number) => `arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-12345678900${id}`;
const email = 'on-call@example.com';
const question = { prompt: 'How much is 2X2?' };

let account: TestAccount;

jest.setTimeout(180_000);

beforeAll(async () => {
  account = await TestAccount.open();
  account.createSecret(secret);
});
afterAll(() => account.close());

/** Deploys with the permissions that `npm run policies` prints, and no more. */
async function deploy(settings: Record<string, unknown>): Promise<void> {
  const { aws, region } = account;
  const { customerPolicies } = aws.iam;
  const boundaryArn = customerPolicies.arn('boundary');
  const environments = { dev: { secret, permissionsBoundary: boundaryArn, ...settings } };
  const [environment] = readEnvironments(environments);
  if (!environment) throw new Error('There is no environment.');
  const place = { account: aws.account, region, qualifier: defaultQualifier };
  customerPolicies.put(boundaryArn, permissionsBoundary(environment, place));
  const parts = inParts(cloudFormationExecutionPolicy(environment, place, boundaryArn));
  const managedPolicyArns = parts.map((part, index) => {
    const arn = customerPolicies.arn(`cfn-${index}`);
    customerPolicies.put(arn, part);
    return arn;
  });
  const { arn: roleArn } = aws.iam.putRole({
    name: 'cfn',
    trustPolicy: {
      Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'cloudformation.amazonaws.com' } },
    },
    managedPolicyArns,
  });
  const stacks = await synthesize(aws, region, environments);
  for (const stack of stacks) await aws.stacks.deploy({ region, ...stack, roleArn });
}

async function destroy(): Promise<void> {
  for (const name of [agentStack, identityStack]) await account.aws.stacks.destroy(account.region, name);
}

async function ask(qualifier = 'DEFAULT'): Promise<unknown> {
  const runtimeArn = await account.output(agentStack, 'RuntimeArn');
  return JSON.parse((await account.invoke(runtimeArn, question, { qualifier })).body) as unknown;
}

const logGroups = () =>
  account.aws.logs.groups(account.region).filter(({ name }) => name.startsWith('/aws/bedrock-agentcore/runtimes/'));
const logGroupOf = (endpoint: string) => logGroups().find(({ name }) => name.endsWith(`-${endpoint}`));

const cloudWatch = () => new CloudWatchClient(account.client);

/** Until the agent's log, which comes beside its answer, has arrived. */
async function counted(MetricName: string, atLeast: number): Promise<void> {
  while ((await sumOf(MetricName)) < atLeast) await sleep(10);
}

/** The sum of a metric of the agent's, over the last hour. */
async function sumOf(MetricName: string, code?: string): Promise<number> {
  const now = Date.now();
  const { Datapoints = [] } = await cloudWatch().send(
    new GetMetricStatisticsCommand({
      Namespace: 'AgentCoreOutboundAuth/dev',
      MetricName,
      ...(code && { Dimensions: [{ Name: 'Code', Value: code }] }),
      StartTime: new Date(now - 3_600_000),
      EndTime: new Date(now + 60_000),
      Period: 300,
      Statistics: ['Sum'],
    }),
  );
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
}

async function stateOf(page: string): Promise<string | undefined> {
  const { MetricAlarms = [] } = await cloudWatch().send(new DescribeAlarmsCommand({}));
  return MetricAlarms.find(({ AlarmDescription }) => AlarmDescription?.endsWith(`#${page}`))?.StateValue;
}

describe('an environment that is deployed for the first time', () => {
  beforeAll(() => deploy({ tags: { team: 'platform' } }));

  test('has the log groups before anybody called, with retention and tags', () => {
    for (const endpoint of ['DEFAULT', 'live']) {
      expect(logGroupOf(endpoint)).toMatchObject({ retentionInDays: 30, tags: { team: 'platform' } });
    }
  });

  test('has no alarms but that of the refreshes, and nothing that costs by the month', async () => {
    const { MetricAlarms = [] } = await cloudWatch().send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms.map(({ AlarmDescription }) => AlarmDescription)).toEqual([
      expect.stringMatching(/#refresh-given-up$/),
    ]);
    expect(account.aws.topics.find('arn:aws:sns:us-east-1:111122223333:outbound-auth-dev-alarms')).toBeUndefined();
  });
});

describe('with a key, another retention and alarms by e-mail', () => {
  beforeAll(() => deploy({ logRetentionDays: 90, logEncryptionKeyArn: key(1), alarms: { email } }));

  test('the log groups are changed, and the last tag is gone', () => {
    const { aws, region } = account;
    for (const endpoint of ['DEFAULT', 'live']) {
      const group = logGroupOf(endpoint);
      expect(group).toMatchObject({ retentionInDays: 90, kmsKeyId: key(1) });
      expect(Object.keys(group?.tags ?? {}).sort()).toEqual(['outbound-auth:stack-id']);
    }
    for (const group of aws.logs.groups(region)) expect(group.retentionInDays).toBe(90);
  });

  test('the address is asked to confirm', () => {
    const topic = account.aws.topics.find('arn:aws:sns:us-east-1:111122223333:outbound-auth-dev-alarms');
    expect([...(topic?.subscriptions.values() ?? [])]).toMatchObject([{ protocol: 'email', endpoint: email }]);
  });

  test('an answer is counted with its tokens and its time', async () => {
    expect(await ask()).toBe('2*2 = 4.');
    for (const metric of ['InputTokens', 'OutputTokens', 'Latency']) await counted(metric, 1);
    expect([await sumOf('KeyRefused'), await stateOf('key-refused')]).toEqual([0, 'OK']);
  });

  test("the model's 401 is counted, and rings the alarm", async () => {
    account.acceptOnly('another key');
    expect(await ask()).toMatchObject({ error: { code: 'ModelKeyRefused' } });
    account.acceptOnly(undefined);
    await counted('FailedInvocations', 1);
    expect([await sumOf('KeyRefused'), await sumOf('FailedInvocations')]).toEqual([1, 1]);
    expect(await sumOf('Failures', 'ModelKeyRefused')).toBe(1);
    expect([await stateOf('key-refused'), await stateOf('model-throttled')]).toEqual(['ALARM', 'OK']);
  });

  test('the dashboard is where its output says', async () => {
    const url = await account.output(agentStack, 'Dashboard');
    const DashboardName = url.split('/').at(-1) ?? '';
    const { DashboardBody = '' } = await cloudWatch().send(new GetDashboardCommand({ DashboardName }));
    expect(DashboardBody).toContain('## What does it cost?');
  });
});

describe('log groups that AgentCore was first to make', () => {
  test('get retention and key with the next deployment; by hand they were deleted, and then somebody called', async () => {
    const { aws, region } = account;
    const { name = '' } = logGroupOf('DEFAULT') ?? {};
    aws.logs.deleteGroup(region, name);
    await ask();
    expect(logGroupOf('DEFAULT')).not.toHaveProperty('retentionInDays');
    await deploy({ logRetentionDays: 7, logEncryptionKeyArn: key(2), alarms: { email } });
    expect(logGroupOf('DEFAULT')).toMatchObject({ retentionInDays: 7, kmsKeyId: key(2) });
    expect(logGroupOf('live')).toMatchObject({ retentionInDays: 7, kmsKeyId: key(2) });
  });

  test('lose the key when the environment has none any more; alarms, filters, dashboard and topic go too', async () => {
    const { aws, region } = account;
    await deploy({});
    expect(logGroupOf('DEFAULT')).not.toHaveProperty('kmsKeyId');
    expect(logGroups().flatMap(({ name }) => aws.logs.metricFilters.list(region, name))).toEqual([]);
    expect(aws.alarms.list(region)).toHaveLength(1);
    expect(aws.dashboards.find('outbound-auth-dev-us-east-1')).toBeUndefined();
    expect(aws.topics.find('arn:aws:sns:us-east-1:111122223333:outbound-auth-dev-alarms')).toBeUndefined();
  });
});

describe('at the end', () => {
  test('the logs go with the stack, those of a session that was open too', async () => {
    await ask();
    await destroy();
    expect(logGroups()).toEqual([]);
  });

  test('they stay where people depended on it', async () => {
    await deploy({ production: true, removalPolicy: 'destroy', alarms: { email } });
    await ask();
    await destroy();
    expect(logGroups().map(({ retentionInDays }) => retentionInDays)).toEqual([30, 30]);
  });

  test('a second environment of the name leaves them alone, when it goes', async () => {
    const kept = logGroups();
    await deploy({});
    expect(logGroups()).toHaveLength(4);
    await destroy();
    expect(logGroups()).toEqual(kept);
  });
});

describe('a deployment whose log groups AWS does not set', () => {
  const reason = 'The specified KMS key does not exist or is not allowed to be used.';

  test('fails in one sentence that says what is wrong, and leaves nothing behind', async () => {
    const { aws } = account;
    const before = logGroups();
    const struck = aws.faultInjection.next('CreateLogGroup', { code: 'InvalidParameterException', message: reason });
    await expect(deploy({ logEncryptionKeyArn: key(1) })).rejects.toThrow(`InvalidParameterException: ${reason}`);
    await struck;
    expect(logGroups()).toEqual(before);
    expect(aws.stacks.find(account.region, agentStack)?.status).toBe('ROLLBACK_COMPLETE');
  });

  test('that was only throttled succeeds', async () => {
    const { aws, region } = account;
    await aws.stacks.destroy(region, agentStack);
    const throttled = aws.faultInjection.next('PutRetentionPolicy', { code: 'ThrottlingException' });
    await deploy({});
    await throttled;
    expect(logGroupOf('live')).toMatchObject({ retentionInDays: 30 });
  });
});
