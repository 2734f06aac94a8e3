import { type CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';

export interface AlarmStatus {
  readonly name: string;
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  readonly state: string;
  readonly since: Date | undefined;
  readonly reason: string;
}

/** Most names that DescribeAlarms takes at once. */
const atOnce = 100;

export async function readAlarms(client: CloudWatchClient, names: readonly string[]): Promise<AlarmStatus[]> {
  const alarms: AlarmStatus[] = [];
  for (let start = 0; start < names.length; start += atOnce) {
    const AlarmNames = names.slice(start, start + atOnce);
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, { AlarmNames })) {
      for (const alarm of MetricAlarms) {
        alarms.push({
          name: alarm.AlarmName ?? '',
          state: alarm.StateValue ?? 'unknown',
          since: alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp,
          reason: alarm.StateReason ?? '',
        });
      }
    }
  }
  return alarms;
}
