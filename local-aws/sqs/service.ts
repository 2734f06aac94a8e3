import { setTimeout as sleep } from 'node:timers/promises';
import type { Aws } from '../aws.ts';
import { AwsError } from '../errors.ts';
import { awsJsonService } from '../http/aws-json.ts';
import type { Call, Service } from '../service.ts';
import { type Message, md5, missing, type Queue, receive, visibleMessages } from './queue-store.ts';

interface ReceiveInput {
  readonly QueueUrl?: string;
  readonly MaxNumberOfMessages?: number;
  readonly VisibilityTimeout?: number;
  readonly WaitTimeSeconds?: number;
  readonly AttributeNames?: readonly string[];
  readonly MessageSystemAttributeNames?: readonly string[];
  readonly MessageAttributeNames?: readonly string[];
}

/** SQS, as far as a person needs it to look into a dead-letter queue. Sending is refused: local-aws itself sends. */
export function sqsService({ queues }: Pick<Aws, 'queues'>): Service {
  const queueOf = ({ caller, region }: Call, action: string, { QueueUrl: url }: { readonly QueueUrl?: string }) => {
    if (!url) throw new AwsError('MissingParameter', 'The request must contain the parameter QueueUrl.');
    return queues.authorized(caller, `sqs:${action}`, region, url);
  };
  return awsJsonService({
    signingName: 'sqs',
    title: 'SQS',
    version: '1.0',
    queryCodes: { QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue' },
    operations: {
      ListQueues: ({ QueueNamePrefix: prefix = '' }: { QueueNamePrefix?: string }, call: Call) => {
        call.authorize('sqs:ListQueues', '*');
        const found = queues.list(call.region).filter(({ name }) => name.startsWith(prefix));
        return found.length > 0 ? { QueueUrls: found.map((queue) => queues.url(queue)) } : {};
      },

      GetQueueUrl: ({ QueueName: name = '' }: { QueueName?: string }, { caller, region }: Call) => {
        const queue = queues.find(region, queues.arn(region, name));
        if (!queue) throw missing();
        return { QueueUrl: queues.url(queues.authorized(caller, 'sqs:GetQueueUrl', region, queue.arn)) };
      },

      GetQueueAttributes: (input: { QueueUrl?: string; AttributeNames?: readonly string[] }, call: Call) => {
        const all = attributesOf(queueOf(call, 'GetQueueAttributes', input));
        const chosen = pick(all, input.AttributeNames ?? []);
        return Object.keys(chosen).length > 0 ? { Attributes: chosen } : {};
      },

      ReceiveMessage: async (input: ReceiveInput, call: Call) => {
        const queue = queueOf(call, 'ReceiveMessage', input);
        const { settings } = queue;
        const max = within('MaxNumberOfMessages', input.MaxNumberOfMessages ?? 1, 1, 10);
        const hidden = within('VisibilityTimeout', input.VisibilityTimeout ?? settings.VisibilityTimeout, 0, 43_200);
        const wait = within('WaitTimeSeconds', input.WaitTimeSeconds ?? settings.ReceiveMessageWaitTimeSeconds, 0, 20);
        await waitForMessage(queue, wait * 1000, call.request.signal);
        // Nobody is there any more to take them.
        if (call.request.signal.aborted) return {};
        const messages = receive(queue, max, hidden).map((message) => messageShape(message, input));
        return messages.length > 0 ? { Messages: messages } : {};
      },

      DeleteMessage: (input: { QueueUrl?: string; ReceiptHandle?: string }, call: Call) => {
        const queue = queueOf(call, 'DeleteMessage', input);
        const { ReceiptHandle: handle } = input;
        if (!handle || !/^[\da-f-]{36}$/.test(handle)) {
          throw new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
        }
        queue.messages = queue.messages.filter(({ receiptHandle }) => receiptHandle !== handle);
      },

      PurgeQueue: (input: { QueueUrl?: string }, call: Call) => {
        queueOf(call, 'PurgeQueue', input).messages = [];
      },
    },
  });
}

async function waitForMessage(queue: Queue, milliseconds: number, signal: AbortSignal): Promise<void> {
  const end = Date.now() + milliseconds;
  while (visibleMessages(queue).length === 0 && Date.now() < end && !signal.aborted) {
    await sleep(Math.min(100, end - Date.now()), undefined, { ref: false });
  }
}

function attributesOf(queue: Queue): Record<string, string> {
  const { arn, created, modified, settings, policy, messages } = queue;
  const now = Date.now();
  const visible = visibleMessages(queue, now).length;
  const delayed = messages.filter(({ visibleFrom, receiveCount }) => visibleFrom > now && receiveCount === 0).length;
  const numbers = {
    ...settings,
    ApproximateNumberOfMessages: visible,
    ApproximateNumberOfMessagesDelayed: delayed,
    ApproximateNumberOfMessagesNotVisible: queue.messages.length - visible - delayed,
    CreatedTimestamp: Math.floor(created.getTime() / 1000),
    LastModifiedTimestamp: Math.floor(modified.getTime() / 1000),
  };
  return {
    QueueArn: arn,
    ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)])),
    SqsManagedSseEnabled: 'true',
    ...(policy ? { Policy: JSON.stringify(policy) } : {}),
  };
}

function messageShape(message: Message, input: ReceiveInput) {
  const { id, body, receiptHandle, senderId, sent, firstReceived, receiveCount, attributes = {} } = message;
  const system = pick(
    {
      SenderId: senderId,
      SentTimestamp: String(sent.getTime()),
      ApproximateReceiveCount: String(receiveCount),
      ApproximateFirstReceiveTimestamp: String(firstReceived?.getTime()),
    },
    [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])],
  );
  const own = pick(attributes, input.MessageAttributeNames ?? []);
  const hasOwn = Object.keys(own).length > 0;
  return {
    MessageId: id,
    ReceiptHandle: receiptHandle,
    MD5OfBody: md5(body),
    Body: body,
    ...(Object.keys(system).length > 0 ? { Attributes: system } : {}),
    ...(hasOwn ? { MD5OfMessageAttributes: md5OfAttributes(own), MessageAttributes: attributeShapes(own) } : {}),
  };
}

function attributeShapes(attributes: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, text]) => [name, { StringValue: text, DataType: 'String' }]),
  );
}

/** As SQS documents it: names in order; name, type and value each with its length before it. */
function md5OfAttributes(attributes: Readonly<Record<string, string>>): string {
  const withLength = (text: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(text));
    return Buffer.concat([length, Buffer.from(text)]);
  };
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = sorted.flatMap(([name, text]) => [
    withLength(name),
    withLength('String'),
    Buffer.from([1]),
    withLength(text),
  ]);
  return md5(Buffer.concat(parts));
}

function pick(all: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  const wants = (name: string) =>
    names.some(
      (each) => each === 'All' || each === name || (each.endsWith('.*') && name.startsWith(each.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(all).filter(([name]) => wants(name)));
}

function within(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new AwsError(
    'InvalidParameterValue',
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${min} and ${max}, if provided.`,
  );
}
