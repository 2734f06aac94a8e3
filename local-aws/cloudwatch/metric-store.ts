/** One value of a metric. */
export interface Datum {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** A unit of CloudWatch's; none is `None`. */
  readonly unit?: string;
  readonly value: number;
  readonly timestamp: Date;
}

/** Which metric: all of its dimensions have to be named, as a metric with others is another one. */
export type MetricId = Pick<Datum, 'namespace' | 'name' | 'dimensions'>;

/** A metric with its values in the order of their arrival. */
export interface Metric extends MetricId {
  readonly values: readonly { readonly value: number; readonly unit: string; readonly timestamp: Date }[];
}

const maxValuesOfMetric = 10_000;

/** CloudWatch's metrics, in memory: those that metric filters make. A metric keeps its last 10,000 values. */
export class Metrics {
  readonly #metrics = new Map<string, Metric & { values: { value: number; unit: string; timestamp: Date }[] }>();

  put(region: string, { namespace, name, dimensions, unit = 'None', value, timestamp }: Datum): void {
    const key = keyOf(region, { namespace, name, dimensions });
    const metric = this.#metrics.get(key) ?? { namespace, name, dimensions, values: [] };
    metric.values.push({ value, unit, timestamp });
    if (metric.values.length > maxValuesOfMetric) metric.values.shift();
    this.#metrics.set(key, metric);
  }

  /** The values of a metric within a time: its start is, its end is not. */
  values(region: string, id: MetricId, start: number, end: number): number[] {
    const values = this.#metrics.get(keyOf(region, id))?.values ?? [];
    return values
      .filter(({ timestamp }) => timestamp.getTime() >= start && timestamp.getTime() < end)
      .map(({ value }) => value);
  }

  /** The unit of a metric's last value. */
  unit(region: string, id: MetricId): string {
    return this.#metrics.get(keyOf(region, id))?.values.at(-1)?.unit ?? 'None';
  }

  list(region: string): readonly Metric[] {
    return [...this.#metrics].filter(([key]) => key.startsWith(`${region} `)).map(([, metric]) => metric);
  }
}

/** The API's form of dimensions. */
export type Dimensions = readonly { readonly Name: string; readonly Value: string }[];

export function dimensionsOf(given: Dimensions | undefined): Record<string, string> {
  return Object.fromEntries((given ?? []).map(({ Name, Value }) => [Name, Value]));
}

/**
 * A statistic of values: Sum, SampleCount, Average, Minimum, Maximum, or a percentile such as p90.
 *
 * @param values at least one
 * @returns undefined for a statistic that local-aws does not know
 */
export function statisticOf(values: readonly number[], statistic: string): number | undefined {
  const sum = values.reduce((total, value) => total + value, 0);
  const percentile = /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(statistic)?.[1];
  if (percentile !== undefined) {
    const sorted = values.toSorted((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil((Number(percentile) / 100) * sorted.length) - 1)];
  }
  switch (statistic) {
    case 'Sum':
      return sum;
    case 'SampleCount':
      return values.length;
    case 'Average':
      return sum / values.length;
    case 'Minimum':
      return Math.min(...values);
    case 'Maximum':
      return Math.max(...values);
    default:
      return undefined;
  }
}

function keyOf(region: string, { namespace, name, dimensions }: MetricId): string {
  return `${region} ${JSON.stringify([namespace, name, Object.entries(dimensions).sort()])}`;
}
