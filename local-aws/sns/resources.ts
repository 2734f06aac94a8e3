import { randomUUID } from 'node:crypto';
import type { Properties, ResourceContext, ResourceProvider } from '../cloudformation/resource-provider.ts';
import { policyDocument } from '../cloudformation/resources/policy-document.ts';
import { authorizeTagChanges } from '../cloudformation/resources/tag-changes.ts';
import { AwsError } from '../errors.ts';
import type { Topic } from './topic-store.ts';

const tagging = { tag: 'sns:TagResource', untag: 'sns:UntagResource' };

const topicResource: ResourceProvider = {
  type: 'AWS::SNS::Topic',
  replaceOn: ['TopicName'],
  properties: ['DisplayName', 'Tags', 'TopicName'],

  async create(context, properties) {
    const { aws, region, authorize } = context;
    const name = (properties.TopicName as string | undefined) ?? context.generateName(256);
    if (!/^[\w-]{1,256}$/.test(name)) throw new AwsError('InvalidParameter', 'Invalid parameter: Topic Name');
    const arn = aws.topics.arn(region, name);
    authorize('sns:CreateTopic', arn);
    authorizeTagChanges(context, arn, tagging, properties);
    if (aws.topics.find(arn)) {
      throw new AwsError(
        'AlreadyExists',
        `Resource of type 'AWS::SNS::Topic' with identifier '${arn}' already exists.`,
      );
    }
    return result(withDisplayName(aws.topics.create(region, name), properties));
  },

  async update(context, arn, properties, oldProperties) {
    if (properties.DisplayName !== oldProperties.DisplayName) context.authorize('sns:SetTopicAttributes', arn);
    authorizeTagChanges(context, arn, tagging, properties, oldProperties);
    return result(withDisplayName(found(context, arn), properties));
  },

  async delete({ aws, authorize }, arn) {
    if (!aws.topics.find(arn)) return;
    authorize('sns:DeleteTopic', arn);
    aws.topics.delete(arn);
  },
};

const policyResource: ResourceProvider = {
  type: 'AWS::SNS::TopicPolicy',
  replaceOn: [],
  properties: ['PolicyDocument', 'Topics'],

  async create(context, properties) {
    putPolicy(context, properties);
    return { physicalId: context.generateName(255), attributes: {} };
  },

  async update(context, physicalId, properties, oldProperties) {
    putPolicy(context, properties);
    const kept = new Set(topicsOf(properties));
    removePolicy(
      context,
      topicsOf(oldProperties).filter((arn) => !kept.has(arn)),
    );
    return { physicalId, attributes: {} };
  },

  delete: async (context, _physicalId, properties) => removePolicy(context, topicsOf(properties)),
};

const subscriptionResource: ResourceProvider = {
  type: 'AWS::SNS::Subscription',
  replaceOn: ['Endpoint', 'Protocol', 'TopicArn'],
  properties: ['Endpoint', 'Protocol', 'TopicArn'],

  async create(context, properties) {
    const { Endpoint: endpoint = '', Protocol: protocol = '', TopicArn = '' } = properties as Record<string, string>;
    context.authorize('sns:Subscribe', TopicArn, { 'sns:Endpoint': endpoint, 'sns:Protocol': protocol });
    const topic = found(context, TopicArn);
    const arn = `${topic.arn}:${randomUUID()}`;
    topic.subscriptions.set(arn, { arn, protocol, endpoint });
    return { physicalId: arn, attributes: { Arn: arn } };
  },

  update: async (_context, arn) => ({ physicalId: arn, attributes: { Arn: arn } }),

  async delete({ aws, authorize }, arn) {
    const topicArn = arn.slice(0, arn.lastIndexOf(':'));
    const topic = aws.topics.find(topicArn);
    if (!topic?.subscriptions.has(arn)) return;
    authorize('sns:Unsubscribe', topicArn);
    topic.subscriptions.delete(arn);
  },
};

/** The CloudFormation types of SNS. */
export const snsResources: readonly ResourceProvider[] = [topicResource, policyResource, subscriptionResource];

function withDisplayName(topic: Topic, { DisplayName }: Properties): Topic {
  if (DisplayName === undefined) delete topic.displayName;
  else topic.displayName = String(DisplayName);
  return topic;
}

function result({ arn, name }: Topic) {
  return { physicalId: arn, attributes: { TopicArn: arn, TopicName: name } };
}

function found({ aws }: ResourceContext, arn: string): Topic {
  const topic = aws.topics.find(arn);
  if (!topic) throw new AwsError('NotFound', 'Topic does not exist', 404);
  return topic;
}

function topicsOf(properties: Properties): readonly string[] {
  return (properties.Topics ?? []) as readonly string[];
}

function putPolicy(context: ResourceContext, properties: Properties): void {
  const document = policyDocument(properties.PolicyDocument, 'resource');
  for (const arn of topicsOf(properties)) {
    context.authorize('sns:SetTopicAttributes', arn);
    found(context, arn).policy = document;
  }
}

function removePolicy({ aws, authorize }: ResourceContext, arns: readonly string[]): void {
  for (const arn of arns) {
    const topic = aws.topics.find(arn);
    if (!topic?.policy) continue;
    authorize('sns:SetTopicAttributes', arn);
    delete topic.policy;
  }
}
