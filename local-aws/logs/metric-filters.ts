import type { Metrics } from '../cloudwatch/metric-store.ts';
import { AwsError, notSupported } from '../errors.ts';
import { compileFilterPattern } from './filter-pattern.ts';
import { compileSelector, parse } from './json-pattern.ts';

/** What becomes of an event that matches, as PutMetricFilter takes it. */
export interface MetricTransformation {
  readonly metricName: string;
  readonly metricNamespace: string;
  /** A number, or a selector of one. */
  readonly metricValue: string;
  readonly defaultValue?: number;
  /** Up to three selectors, by the names of the dimensions. */
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly unit?: string;
}

/** A metric filter as it was put. */
export interface MetricFilter {
  readonly filterName: string;
  readonly filterPattern: string;
  readonly logGroupName: string;
  readonly metricTransformations: readonly MetricTransformation[];
  readonly created: Date;
}

interface Compiled {
  readonly filter: MetricFilter;
  readonly count: (region: string, message: string, timestamp: Date) => void;
}

/** The metric filters of the account's log groups: what is written from then on is counted. */
export class MetricFilters {
  readonly #metrics: Metrics;
  /** By Region and log group, then by name. */
  readonly #groups = new Map<string, Map<string, Compiled>>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /**
   * Makes a filter or replaces it.
   *
   * @throws AwsError InvalidParameterException
   */
  put(region: string, filter: MetricFilter): void {
    const [transformation, ...others] = filter.metricTransformations;
    if (!transformation || others.length > 0) {
      throw new AwsError('InvalidParameterException', 'A metric filter has exactly one metric transformation.');
    }
    const compiled = { filter, count: this.#compile(filter, transformation) };
    const key = keyOf(region, filter.logGroupName);
    const group = this.#groups.get(key) ?? new Map<string, Compiled>();
    group.set(filter.filterName, compiled);
    this.#groups.set(key, group);
  }

  find(region: string, logGroupName: string, filterName: string): MetricFilter | undefined {
    return this.#groups.get(keyOf(region, logGroupName))?.get(filterName)?.filter;
  }

  list(region: string, logGroupName: string): MetricFilter[] {
    return [...(this.#groups.get(keyOf(region, logGroupName))?.values() ?? [])].map(({ filter }) => filter);
  }

  delete(region: string, logGroupName: string, filterName: string): void {
    this.#groups.get(keyOf(region, logGroupName))?.delete(filterName);
  }

  /** They go with their log group. */
  deleteGroup(region: string, logGroupName: string): void {
    this.#groups.delete(keyOf(region, logGroupName));
  }

  /** Counts an event that was written just now. */
  count(region: string, logGroupName: string, message: string, timestamp: Date): void {
    for (const { count } of this.#groups.get(keyOf(region, logGroupName))?.values() ?? []) {
      count(region, message, timestamp);
    }
  }

  #compile({ filterPattern }: MetricFilter, transformation: MetricTransformation): Compiled['count'] {
    const { metricName: name, metricNamespace: namespace, metricValue, dimensions = {}, unit } = transformation;
    if (transformation.defaultValue !== undefined) throw notSupported('the default value of a metric filter');
    if (namespace.startsWith('AWS/')) {
      throw new AwsError('InvalidParameterException', 'Metric namespaces that begin with AWS/ are reserved.');
    }
    if (Object.keys(dimensions).length > 3) {
      throw new AwsError('InvalidParameterException', 'A metric filter has at most three dimensions.');
    }
    const matches = compileFilterPattern(filterPattern);
    const valueIn = metricValue.startsWith('$') ? compileSelector(metricValue) : () => Number(metricValue);
    const selectors = Object.entries(dimensions).map(([key, selector]) => [key, compileSelector(selector)] as const);
    return (region, message, timestamp) => {
      if (!matches(message)) return;
      const event = parse(message);
      const value = Number(valueIn(event));
      const found = selectors.map(([key, select]) => [key, select(event)] as const);
      if (Number.isNaN(value) || found.some(([, each]) => each === undefined)) return;
      this.#metrics.put(region, {
        namespace,
        name,
        dimensions: Object.fromEntries(found.map(([key, each]) => [key, String(each)])),
        ...(unit && { unit }),
        value,
        timestamp,
      });
    };
  }
}

function keyOf(region: string, logGroupName: string): string {
  return `${region} ${logGroupName}`;
}
