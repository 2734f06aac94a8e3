import type {
  Properties,
  ResourceContext,
  ResourceProvider,
  ResourceResult,
} from '../cloudformation/resource-provider.ts';
import { policyDocument } from '../cloudformation/resources/policy-document.ts';
import { authorizeTagChanges } from '../cloudformation/resources/tag-changes.ts';
import { AwsError, notSupported } from '../errors.ts';
import { defaultQueueSettings, type Queue, type QueueSettings } from './queue-store.ts';

const settingNames = Object.keys(defaultQueueSettings) as (keyof QueueSettings)[];

const limits: Readonly<Record<keyof QueueSettings, readonly [number, number]>> = {
  VisibilityTimeout: [0, 43_200],
  MessageRetentionPeriod: [60, 1_209_600],
  DelaySeconds: [0, 900],
  MaximumMessageSize: [1024, 1_048_576],
  ReceiveMessageWaitTimeSeconds: [0, 20],
};

const tagging = { tag: 'sqs:TagQueue', untag: 'sqs:UntagQueue' };

const queueResource: ResourceProvider = {
  type: 'AWS::SQS::Queue',
  replaceOn: ['QueueName', 'FifoQueue'],
  properties: ['QueueName', 'FifoQueue', 'SqsManagedSseEnabled', 'Tags', ...settingNames],

  async create(context, properties) {
    const { aws, region, authorize } = context;
    const { QueueName } = properties as { QueueName?: string };
    const name = QueueName ?? context.generateName(80);
    const settings = settingsOf(name, properties);
    const arn = aws.queues.arn(region, name);
    authorize('sqs:CreateQueue', arn);
    authorizeTagChanges(context, arn, tagging, properties);
    authorize('sqs:GetQueueAttributes', arn);
    return result(context, aws.queues.create(region, name, settings));
  },

  async update(context, url, properties, oldProperties) {
    const queue = found(context, url);
    const settings = settingsOf(queue.name, properties);
    context.authorize('sqs:SetQueueAttributes', queue.arn);
    authorizeTagChanges(context, queue.arn, tagging, properties, oldProperties);
    queue.settings = { ...defaultQueueSettings, ...settings };
    queue.modified = new Date();
    return result(context, queue);
  },

  async delete({ aws, region, authorize }, url) {
    const queue = aws.queues.find(region, url);
    if (!queue) return;
    authorize('sqs:DeleteQueue', queue.arn);
    aws.queues.delete(queue);
  },
};

const policyResource: ResourceProvider = {
  type: 'AWS::SQS::QueuePolicy',
  replaceOn: [],
  properties: ['PolicyDocument', 'Queues'],

  async create(context, properties) {
    putPolicy(context, properties);
    return { physicalId: context.generateName(255), attributes: {} };
  },

  async update(context, physicalId, properties, oldProperties) {
    const kept = new Set(queueUrls(properties));
    putPolicy(context, properties);
    removePolicy(
      context,
      queueUrls(oldProperties).filter((url) => !kept.has(url)),
    );
    return { physicalId, attributes: {} };
  },

  delete: async (context, _physicalId, properties) => removePolicy(context, queueUrls(properties)),
};

/** The CloudFormation types of SQS. */
export const sqsResources: readonly ResourceProvider[] = [queueResource, policyResource];

function settingsOf(name: string, properties: Properties): Partial<QueueSettings> {
  if (String(properties.FifoQueue ?? 'false') !== 'false') throw notSupported(`FIFO queues (${name})`);
  if (!/^[\w-]{1,80}$/.test(name)) {
    throw new AwsError(
      'InvalidParameterValue',
      `The name ${name} can only include alphanumeric characters, hyphens, or underscores, 1 to 80 in length.`,
    );
  }
  const given = settingNames.filter((setting) => properties[setting] !== undefined);
  return Object.fromEntries(given.map((setting) => [setting, checked(setting, Number(properties[setting]))]));
}

function checked(setting: keyof QueueSettings, value: number): number {
  const [min, max] = limits[setting];
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${setting}: it is ${min} to ${max}.`);
}

function putPolicy(context: ResourceContext, properties: Properties): void {
  const document = policyDocument(properties.PolicyDocument, 'resource');
  for (const queue of queueUrls(properties).map((url) => found(context, url))) {
    context.authorize('sqs:SetQueueAttributes', queue.arn);
    queue.policy = document;
  }
}

function removePolicy({ aws, region, authorize }: ResourceContext, urls: readonly string[]): void {
  for (const url of urls) {
    const queue = aws.queues.find(region, url);
    if (!queue?.policy) continue;
    authorize('sqs:SetQueueAttributes', queue.arn);
    delete queue.policy;
  }
}

function queueUrls(properties: Properties): readonly string[] {
  return (properties.Queues as readonly string[] | undefined) ?? [];
}

function found({ aws, region }: ResourceContext, url: string): Queue {
  const queue = aws.queues.find(region, url);
  if (!queue) throw new AwsError('QueueDoesNotExist', `The specified queue ${url} does not exist.`);
  return queue;
}

function result({ aws }: ResourceContext, queue: Queue): ResourceResult {
  const url = aws.queues.url(queue);
  return { physicalId: url, attributes: { Arn: queue.arn, QueueName: queue.name, QueueUrl: url } };
}
