import { createHash, randomUUID } from 'node:crypto';
import type { Aws } from '../aws.ts';
import { AwsError } from '../errors.ts';
import type { ConditionContext } from '../iam/conditions.ts';
import { evaluateResourcePolicy, type PolicyDocument, statementsOf } from '../iam/policy.ts';
import type { Principal } from '../iam/principal.ts';

/** The settings of a queue, all in seconds or bytes. */
export interface QueueSettings {
  readonly VisibilityTimeout: number;
  readonly MessageRetentionPeriod: number;
  readonly DelaySeconds: number;
  readonly MaximumMessageSize: number;
  readonly ReceiveMessageWaitTimeSeconds: number;
}

/** What a queue has where nothing else is said. */
export const defaultQueueSettings: QueueSettings = {
  VisibilityTimeout: 30,
  MessageRetentionPeriod: 345_600,
  DelaySeconds: 0,
  MaximumMessageSize: 1_048_576,
  ReceiveMessageWaitTimeSeconds: 0,
};

/** What is sent: a text, and texts beside it. */
export interface OutgoingMessage {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A message in a queue. */
export interface Message extends OutgoingMessage {
  readonly id: string;
  readonly senderId: string;
  readonly sent: Date;
  receiveCount: number;
  firstReceived?: Date;
  /** What its last receiver deletes it by. */
  receiptHandle?: string;
  /** Milliseconds since 1970. */
  visibleFrom: number;
}

/** A queue and its messages, oldest first. */
export interface Queue {
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly created: Date;
  modified: Date;
  settings: QueueSettings;
  policy?: PolicyDocument;
  messages: Message[];
}

/** The account's SQS queues, in memory. */
export class Queues {
  readonly #aws: Pick<Aws, 'account' | 'endpoint' | 'iam' | 'observe'>;
  readonly #queues = new Map<string, Queue>();

  constructor(aws: Pick<Aws, 'account' | 'endpoint' | 'iam' | 'observe'>) {
    this.#aws = aws;
  }

  arn(region: string, name: string): string {
    return `arn:aws:sqs:${region}:${this.#aws.account}:${name}`;
  }

  /** Where the queue is: SDKs may send their requests to it. */
  url({ name }: Pick<Queue, 'name'>): string {
    return `${this.#aws.endpoint}/${this.#aws.account}/${name}`;
  }

  /** @throws AwsError QueueAlreadyExists (it is there, whatever its settings) */
  create(region: string, name: string, settings: Partial<QueueSettings> = {}): Queue {
    const arn = this.arn(region, name);
    if (this.#queues.has(arn)) throw new AwsError('QueueNameExists', `A queue named ${name} already exists.`);
    const now = new Date();
    const queue: Queue = {
      region,
      name,
      arn,
      created: now,
      modified: now,
      settings: { ...defaultQueueSettings, ...settings },
      messages: [],
    };
    this.#queues.set(arn, queue);
    return queue;
  }

  delete(queue: Queue): void {
    this.#queues.delete(queue.arn);
  }

  list(region: string): readonly Queue[] {
    return [...this.#queues.values()].filter((queue) => queue.region === region);
  }

  /** @param urlOrArn any URL whose path ends as a queue's does */
  find(region: string, urlOrArn: string): Queue | undefined {
    if (urlOrArn.startsWith('arn:')) return this.#queues.get(urlOrArn);
    const [account, name] = urlOrArn.split('/').slice(-2);
    return account === this.#aws.account ? this.#queues.get(this.arn(region, name ?? '')) : undefined;
  }

  /**
   * A queue, for a caller whom its policies or the queue's own let take an action on it.
   *
   * @throws AwsError QueueDoesNotExist, AccessDeniedException
   */
  authorized(caller: Principal, action: string, region: string, urlOrArn: string): Queue {
    const queue = this.find(region, urlOrArn);
    if (!queue) throw missing();
    this.#aws.iam.authorize(caller, action, queue.arn, {}, queue.policy);
    return queue;
  }

  /** `SendMessage` as a role. @throws AwsError QueueDoesNotExist, AccessDeniedException */
  send(caller: Principal, region: string, urlOrArn: string, message: OutgoingMessage): Message {
    return this.#add(this.authorized(caller, 'sqs:SendMessage', region, urlOrArn), caller.userId, message);
  }

  /**
   * `SendMessage` as an AWS service, which only the queue's own policy can allow.
   *
   * @returns undefined where the queue is gone or does not let it: nobody is told, as on AWS
   */
  sendAsService(
    service: string,
    { sourceArn }: { readonly sourceArn: string },
    queueArn: string,
    message: OutgoingMessage,
  ): Message | undefined {
    const queue = this.#queues.get(queueArn);
    const context: ConditionContext = {
      'aws:SourceArn': sourceArn,
      'aws:SourceAccount': this.#aws.account,
      'aws:SecureTransport': 'true',
    };
    const statements = queue?.policy ? statementsOf(queue.policy) : [];
    const decision = evaluateResourcePolicy(statements, 'Service', [service], 'sqs:SendMessage', queueArn, context);
    return queue && decision === 'allowed' ? this.#add(queue, service, message) : undefined;
  }

  #add(queue: Queue, senderId: string, message: OutgoingMessage): Message {
    this.#aws.observe?.({ kind: 'message', queueArn: queue.arn, message });
    const { body, attributes = {} } = message;
    const sent = new Date();
    const visibleFrom = sent.getTime() + queue.settings.DelaySeconds * 1000;
    const added: Message = { id: randomUUID(), body, attributes, senderId, sent, receiveCount: 0, visibleFrom };
    queue.messages.push(added);
    return added;
  }
}

/** The messages that can be received now; those whose time is over are dropped. */
export function visibleMessages(queue: Queue, now = Date.now()): Message[] {
  const oldest = now - queue.settings.MessageRetentionPeriod * 1000;
  queue.messages = queue.messages.filter(({ sent }) => sent.getTime() >= oldest);
  return queue.messages.filter(({ visibleFrom }) => visibleFrom <= now);
}

/** Takes messages for a while, after which they come back unless they were deleted. */
export function receive(queue: Queue, max: number, visibilityTimeout: number): Message[] {
  const now = new Date();
  const received = visibleMessages(queue, now.getTime()).slice(0, max);
  for (const message of received) {
    message.receiveCount++;
    message.firstReceived ??= now;
    message.receiptHandle = randomUUID();
    message.visibleFrom = now.getTime() + visibilityTimeout * 1000;
  }
  return received;
}

/** The checksum that SDKs compare a body with. */
export function md5(text: string | Buffer): string {
  return createHash('md5').update(text).digest('hex');
}

/** The error for a queue that is not there. */
export function missing(): AwsError {
  return new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
}
