import type { ResourceProvider } from '../../../local-aws/cloudformation/resource-provider.ts';
import { snsResources } from '../../../local-aws/sns/resources.ts';
import { Topics } from '../../../local-aws/sns/topic-store.ts';
import { account, region, type Started, startServices } from '../http/start-services.ts';
import { contextFor } from '../lambda/support.ts';

const [topics, policies, subscriptions] = snsResources as [ResourceProvider, ResourceProvider, ResourceProvider];
const arn = `arn:aws:sns:${region}:${account}:alarms`;
let started: Started;

beforeEach(async () => {
  started = await startServices((aws) => {
    aws.topics = new Topics(account);
  }, []);
});
afterEach(() => started.close());

const context = (id = 'Topic') => ({ ...contextFor(started.aws, id, 'AWS::SNS::Topic'), region });
const topic = () => started.aws.topics.find(arn);
const named = { TopicName: 'alarms' };

test('a topic is made, shown by another name, and deleted', async () => {
  expect(await topics.create(context(), named)).toEqual({
    physicalId: arn,
    attributes: { TopicArn: arn, TopicName: 'alarms' },
  });
  await topics.update(context(), arn, { ...named, DisplayName: 'Alarms' }, named);
  expect(topic()).toMatchObject({ displayName: 'Alarms' });
  await topics.update(context(), arn, named, named);
  expect(topic()).not.toHaveProperty('displayName');
  await topics.delete(context(), arn, named);
  await topics.delete(context(), arn, named);
  expect(topic()).toBeUndefined();
});

test('a second topic of a name is refused, and a name that SNS does not take', async () => {
  await topics.create(context(), named);
  await expect(topics.create(context(), named)).rejects.toThrow('already exists');
  await expect(topics.create(context(), { TopicName: 'a/b' })).rejects.toThrow('Invalid parameter: Topic Name');
});

test('an address is written down, and hears nothing', async () => {
  await topics.create(context(), named);
  const properties = { TopicArn: arn, Protocol: 'email', Endpoint: 'on-call@example.com' };
  const { physicalId } = await subscriptions.create(context(), properties);
  expect([...(topic()?.subscriptions.values() ?? [])]).toEqual([
    { arn: physicalId, protocol: 'email', endpoint: 'on-call@example.com' },
  ]);
  await subscriptions.delete(context(), physicalId, properties);
  await subscriptions.delete(context(), physicalId, properties);
  expect(topic()?.subscriptions.size).toBe(0);
  await expect(subscriptions.create(context(), { ...properties, TopicArn: `${arn}2` })).rejects.toThrow(
    'does not exist',
  );
});

test('a policy is put on topics and taken away', async () => {
  await topics.create(context(), named);
  const Statement = [
    { Effect: 'Allow', Action: 'sns:Publish', Principal: { Service: 'cloudwatch.amazonaws.com' }, Resource: arn },
  ];
  const properties = { PolicyDocument: { Statement }, Topics: [arn] };
  const { physicalId } = await policies.create(context(), properties);
  expect(topic()?.policy).toEqual({ Statement });
  await policies.update(context(), physicalId, { ...properties, Topics: [] }, properties);
  expect(topic()).not.toHaveProperty('policy');
  await policies.delete(context(), physicalId, properties);
  const broken = { ...properties, PolicyDocument: { Statement: [{ Effect: 'Allow' }] } };
  await expect(policies.create(context(), broken)).rejects.toThrow('Policy statement must contain actions.');
});

test('each is for those only who may', async () => {
  await topics.create(context(), named);
  const asked: string[] = [];
  const noted = { ...context(), authorize: (action: string) => void asked.push(action) };
  const properties = { TopicArn: arn, Protocol: 'email', Endpoint: 'a@example.com' };
  const { physicalId } = await subscriptions.create(noted, properties);
  await subscriptions.delete(noted, physicalId, properties);
  const tagged = { ...named, Tags: [{ Key: 'a', Value: 'b' }] };
  await topics.update(noted, arn, named, named);
  await topics.update(noted, arn, { ...named, DisplayName: 'Alarms' }, tagged);
  await topics.delete(noted, arn, named);
  await topics.create(noted, tagged);
  expect(asked).toEqual([
    ...['sns:Subscribe', 'sns:Unsubscribe', 'sns:SetTopicAttributes', 'sns:UntagResource', 'sns:DeleteTopic'],
    ...['sns:CreateTopic', 'sns:TagResource'],
  ]);
});
