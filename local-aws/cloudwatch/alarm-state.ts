import type { Alarm } from './alarm-store.ts';
import { type Dimensions, dimensionsOf, type Metrics, statisticOf } from './metric-store.ts';

/** What an alarm says. */
export interface AlarmState {
  readonly value: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly reason: string;
}

const unchecked: AlarmState = { value: 'INSUFFICIENT_DATA', reason: 'Unchecked: Initial alarm creation' };

/**
 * The state of an alarm at a time, from the periods before it and the one that it is in. Of metrics that AWS's services
 * would publish, and of expressions, nothing is known: such an alarm stays unchecked.
 */
export function stateOf(alarm: Alarm, metrics: Metrics, now = Date.now()): AlarmState {
  const { region, configuration } = alarm;
  const { MetricName: name, Namespace: namespace, Period = 60, Statistic, ExtendedStatistic } = configuration;
  if (typeof name !== 'string' || typeof namespace !== 'string' || namespace.startsWith('AWS/')) return unchecked;
  const statistic = String(Statistic ?? ExtendedStatistic);
  const dimensions = dimensionsOf(configuration.Dimensions as Dimensions | undefined);
  const milliseconds = Number(Period) * 1000;
  const end = (Math.floor(now / milliseconds) + 1) * milliseconds;
  const periods = Number(configuration.EvaluationPeriods);
  const points = Array.from({ length: periods }, (_, index) => {
    const start = end - (index + 1) * milliseconds;
    const values = metrics.values(region, { namespace, name, dimensions }, start, start + milliseconds);
    return values.length > 0 ? statisticOf(values, statistic) : undefined;
  });
  return judge(configuration, points);
}

function judge(configuration: Alarm['configuration'], points: readonly (number | undefined)[]): AlarmState {
  const { ComparisonOperator, Threshold, TreatMissingData = 'missing', DatapointsToAlarm } = configuration;
  const compared = comparisons[String(ComparisonOperator)];
  const found = points.filter((point) => point !== undefined);
  if (!compared || (found.length === 0 && (TreatMissingData === 'missing' || TreatMissingData === 'ignore'))) {
    return unchecked;
  }
  const missing = TreatMissingData === 'breaching' ? points.length - found.length : 0;
  const breaching = found.filter((point) => compared(point, Number(Threshold))).length + missing;
  const needed = Number(DatapointsToAlarm ?? points.length);
  const value = breaching >= needed ? 'ALARM' : 'OK';
  return { value, reason: `Threshold Crossed: ${breaching} of ${points.length} datapoints, ${needed} are needed.` };
}

const comparisons: Readonly<Record<string, (point: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (point, threshold) => point >= threshold,
  GreaterThanThreshold: (point, threshold) => point > threshold,
  LessThanThreshold: (point, threshold) => point < threshold,
  LessThanOrEqualToThreshold: (point, threshold) => point <= threshold,
};
