import { randomUUID } from 'node:crypto';
import { AwsError, notSupported } from '../errors.ts';
import { type BusEvent, toSecond } from './bus-event.ts';

const minute = 60_000;
const units: Readonly<Record<string, number>> = { minute, hour: 60 * minute, day: 24 * 60 * minute };

/**
 * Milliseconds between two runs of a schedule such as `rate(1 day)`.
 *
 * @throws AwsError ValidationException as EventBridge says it; NotSupportedByLocalAws for `cron(…)`
 */
export function intervalOf(expression: string): number {
  if (/^cron\(.*\)$/.test(expression)) throw notSupported(`the schedule ${expression}: it knows rates only`);
  const {
    value,
    unit = '',
    plural,
  } = /^rate\((?<value>[1-9]\d*) (?<unit>minute|hour|day)(?<plural>s?)\)$/.exec(expression)?.groups ?? {};
  const number = Number(value);
  const length = units[unit];
  if (length === undefined || (plural === 's') !== number > 1) {
    throw new AwsError('ValidationException', 'Parameter ScheduleExpression is not valid.');
  }
  // No timer of Node is longer.
  if (number * length >= 2 ** 31) throw notSupported(`the schedule ${expression}: it knows rates of up to 24 days`);
  return number * length;
}

/** What a rule's schedule sends to its targets. */
export function scheduledEvent(account: string, region: string, ruleArn: string): BusEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account,
    time: toSecond(new Date()),
    region,
    resources: [ruleArn],
    detail: {},
  };
}
