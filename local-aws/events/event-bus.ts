import { setTimeout as sleep } from 'node:timers/promises';
import type { Aws } from '../aws.ts';
import { AwsError } from '../errors.ts';
import type { BusEvent } from './bus-event.ts';
import { type EventPattern, matchesEventPattern } from './event-pattern.ts';
import { scheduledEvent } from './schedule.ts';
import { secretEvents } from './secret-events.ts';
import { type TargetInput, targetInput } from './target-input.ts';

/** What a rule calls: a Lambda function. */
export interface Target extends TargetInput {
  readonly Id: string;
  readonly Arn: string;
  /** The queue for events that could not be delivered. */
  readonly DeadLetterConfig?: { readonly Arn?: string };
  /** Of deliveries, not of the function's own failures: those are Lambda's to repeat. */
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number };
}

/** A rule of the default event bus. */
export interface Rule {
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly enabled: boolean;
  /** Undefined: no event of the bus triggers it. */
  readonly pattern: EventPattern | undefined;
  /** Milliseconds from one run to the next; undefined: it has no schedule. */
  readonly interval: number | undefined;
  readonly targets: readonly Target[];
}

/** Milliseconds from a call to the delivery of its event. On AWS it takes seconds, and sometimes minutes. */
export const deliveryDelay = { milliseconds: 200 };

const servicePrincipal = 'events.amazonaws.com';

/** The default event bus of every Region: it gets what happens to secrets, from CloudTrail and from Secrets Manager. */
export class EventBus {
  readonly #aws: Pick<Aws, 'account' | 'faults' | 'functions' | 'observe' | 'queues' | 'secrets'>;
  readonly #rules = new Map<string, Rule>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(aws: Pick<Aws, 'account' | 'faults' | 'functions' | 'observe' | 'queues' | 'secrets'>) {
    this.#aws = aws;
    aws.secrets.onChange((change) => {
      for (const event of secretEvents(aws.account, change)) void this.publish(event);
    });
  }

  ruleArn(region: string, name: string): string {
    return `arn:aws:events:${region}:${this.#aws.account}:rule/${name}`;
  }

  findRule(region: string, name: string): Rule | undefined {
    return this.#rules.get(this.ruleArn(region, name));
  }

  /** Makes a rule, or replaces it with its targets. */
  putRule(rule: Omit<Rule, 'arn'>): Rule {
    const put: Rule = { ...rule, arn: this.ruleArn(rule.region, rule.name) };
    this.#rules.set(put.arn, put);
    clearInterval(this.#timers.get(put.arn));
    if (put.interval !== undefined) {
      this.#timers.set(put.arn, setInterval(() => this.runSchedule(put.region, put.name), put.interval).unref());
    }
    return put;
  }

  deleteRule(region: string, name: string): void {
    const arn = this.ruleArn(region, name);
    this.#rules.delete(arn);
    clearInterval(this.#timers.get(arn));
    this.#timers.delete(arn);
  }

  /** The rules of a Region. */
  rules(region: string): Rule[] {
    return [...this.#rules.values()].filter((rule) => rule.region === region);
  }

  /** Calls the targets of a rule as its schedule does; nothing for a rule that is disabled or has no schedule. */
  runSchedule(region: string, name: string): void {
    const rule = this.findRule(region, name);
    if (!rule?.enabled || rule.interval === undefined) return;
    const event = scheduledEvent(this.#aws.account, region, rule.arn);
    for (const target of rule.targets) this.#deliver(rule, target, event);
  }

  /** Brings an event, after a while, to the targets of every rule that it matches; ends when each was called. */
  async publish(event: BusEvent): Promise<void> {
    this.#aws.observe?.({ kind: 'event', event });
    await sleep(deliveryDelay.milliseconds, undefined, { ref: false });
    const matching = [...this.#rules.values()].filter(
      ({ region, enabled, pattern }) =>
        enabled && pattern && region === event.region && matchesEventPattern(pattern, event),
    );
    for (const rule of matching) for (const target of rule.targets) this.#deliver(rule, target, event);
  }

  #deliver(rule: Rule, target: Target, event: BusEvent): void {
    const { account, faults, functions } = this.#aws;
    try {
      const source = { service: servicePrincipal, sourceArn: rule.arn, sourceAccount: account };
      functions.authorizeService(rule.region, target.Arn, source);
      functions.invokeAsynchronously(rule.region, target.Arn, targetInput(target, event, rule));
    } catch (error) {
      if (error instanceof AwsError) this.#giveUp(rule, target, event, error);
      else faults.push(error as Error);
    }
  }

  /** None of the errors that can come here goes away by itself, so EventBridge does not repeat the delivery. */
  #giveUp(rule: Rule, target: Target, event: BusEvent, { code, message }: AwsError): void {
    const queueArn = target.DeadLetterConfig?.Arn;
    if (queueArn === undefined) return;
    const isMissing = code === 'ResourceNotFoundException';
    this.#aws.queues.sendAsService(servicePrincipal, { sourceArn: rule.arn }, queueArn, {
      body: JSON.stringify(event),
      attributes: {
        RULE_ARN: rule.arn,
        TARGET_ARN: target.Arn,
        ERROR_CODE: isMissing ? 'RESOURCE_NOT_FOUND' : 'NO_PERMISSIONS',
        ERROR_MESSAGE: message,
      },
    });
  }
}
