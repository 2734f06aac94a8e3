import { Metrics } from '../cloudwatch/metric-store.ts';
import { MetricFilters } from './metric-filters.ts';

/** One line of a log. */
export interface LogEvent {
  readonly timestamp: Date;
  readonly stream: string;
  readonly message: string;
  /** When it arrived here. */
  readonly ingested: Date;
  /** Grows by one with each event of the group, also over those that were dropped. */
  readonly sequence: number;
}

/** What a log group is made with. */
export interface LogGroupSettings {
  readonly retentionInDays?: number;
  readonly kmsKeyId?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A log group as kept. */
export interface LogGroup extends LogGroupSettings {
  readonly name: string;
  readonly created: Date;
}

interface GroupState {
  group: LogGroup;
  streams: Map<string, { created: Date }>;
  events: LogEvent[];
  written: number;
}

const maxEventsOfGroup = 10_000;

/** CloudWatch log groups by Region, in memory: a group keeps its last 10,000 events. */
export class LogStore {
  readonly metricFilters: MetricFilters;
  readonly #groups = new Map<string, GroupState>();

  /** @param metrics get what the metric filters count */
  constructor(metrics = new Metrics()) {
    this.metricFilters = new MetricFilters(metrics);
  }

  /** Creates a group; one that is there already stays as it is. */
  createGroup(region: string, name: string, settings: LogGroupSettings = {}): void {
    const key = keyOf(region, name);
    if (this.#groups.has(key)) return;
    const group = { ...settings, name, created: new Date() };
    this.#groups.set(key, { group, streams: new Map(), events: [], written: 0 });
  }

  /** Replaces what a group is set to; does nothing where there is no such group. */
  configure(region: string, name: string, settings: LogGroupSettings): void {
    const state = this.#groups.get(keyOf(region, name));
    if (state) state.group = { ...settings, name, created: state.group.created };
  }

  deleteGroup(region: string, name: string): void {
    this.#groups.delete(keyOf(region, name));
    this.metricFilters.deleteGroup(region, name);
  }

  hasGroup(region: string, name: string): boolean {
    return this.#groups.has(keyOf(region, name));
  }

  group(region: string, name: string): LogGroup | undefined {
    return this.#groups.get(keyOf(region, name))?.group;
  }

  /** A Region's groups, in the order of their names. */
  groups(region: string): LogGroup[] {
    const start = keyOf(region, '');
    return [...this.#groups]
      .filter(([key]) => key.startsWith(start))
      .map(([, { group }]) => group)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Creates a stream in a group that is there; one that is there already stays as it is. */
  createStream(region: string, group: string, stream: string): void {
    const streams = this.#groups.get(keyOf(region, group))?.streams;
    if (streams && !streams.has(stream)) streams.set(stream, { created: new Date() });
  }

  /** A group's streams by name, and when each was created. */
  streams(region: string, group: string): ReadonlyMap<string, { readonly created: Date }> {
    return this.#groups.get(keyOf(region, group))?.streams ?? new Map();
  }

  /**
   * Writes one event; the stream is made when it is missing. Without the group the event is lost, as it is on AWS when a
   * service may not create its log group.
   */
  write(region: string, group: string, stream: string, message: string, timestamp = new Date()): void {
    const state = this.#groups.get(keyOf(region, group));
    if (!state) return;
    this.createStream(region, group, stream);
    state.events.push({ timestamp, stream, message, ingested: new Date(), sequence: state.written++ });
    if (state.events.length > maxEventsOfGroup) state.events.shift();
    this.metricFilters.count(region, group, message, timestamp);
  }

  /** A group's events in the order of their arrival; none where there is no such group. */
  events(region: string, group: string): readonly LogEvent[] {
    return this.#groups.get(keyOf(region, group))?.events ?? [];
  }
}

function keyOf(region: string, name: string): string {
  return `${region} ${name}`;
}
