import type { PolicyDocument } from '../iam/policy.ts';

/** Who hears of a topic. */
export interface Subscription {
  readonly arn: string;
  readonly protocol: string;
  readonly endpoint: string;
}

/** A topic as kept. */
export interface Topic {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  displayName?: string;
  policy?: PolicyDocument;
  readonly subscriptions: Map<string, Subscription>;
}

/** The account's SNS topics. Nothing is delivered: an address would have to confirm first, and there is no mail here. */
export class Topics {
  readonly #account: string;
  readonly #topics = new Map<string, Topic>();

  constructor(account: string) {
    this.#account = account;
  }

  arn(region: string, name: string): string {
    return `arn:aws:sns:${region}:${this.#account}:${name}`;
  }

  create(region: string, name: string): Topic {
    const topic = { arn: this.arn(region, name), name, region, subscriptions: new Map() };
    this.#topics.set(topic.arn, topic);
    return topic;
  }

  find(arn: string): Topic | undefined {
    return this.#topics.get(arn);
  }

  delete(arn: string): void {
    this.#topics.delete(arn);
  }
}
