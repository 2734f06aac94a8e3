/** An alarm as it was put. */
export interface Alarm {
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly updated: Date;
  /** As PutMetricAlarm takes it, by the API's names. */
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** The account's CloudWatch alarms. */
export class Alarms {
  readonly #account: string;
  readonly #alarms = new Map<string, Alarm>();

  constructor(account: string) {
    this.#account = account;
  }

  arn(region: string, name: string): string {
    return `arn:aws:cloudwatch:${region}:${this.#account}:alarm:${name}`;
  }

  /** Makes an alarm or replaces it. */
  put(region: string, name: string, configuration: Alarm['configuration']): Alarm {
    const alarm = { region, name, arn: this.arn(region, name), updated: new Date(), configuration };
    this.#alarms.set(alarm.arn, alarm);
    return alarm;
  }

  find(region: string, name: string): Alarm | undefined {
    return this.#alarms.get(this.arn(region, name));
  }

  delete(region: string, name: string): void {
    this.#alarms.delete(this.arn(region, name));
  }

  /** By name, as DescribeAlarms lists them. */
  list(region: string): readonly Alarm[] {
    const inRegion = [...this.#alarms.values()].filter((alarm) => alarm.region === region);
    return inRegion.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
