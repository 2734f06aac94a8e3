import type { Environment } from '../environments/index.ts';

/** Name of the topic that is made for an e-mail address. */
export function alarmTopicName({ name }: Pick<Environment, 'name'>): string {
  return `outbound-auth-${name}-alarms`;
}

/** Dashboards belong to no Region, and an environment of the same name may be in another one too. */
export function dashboardName({ name }: Pick<Environment, 'name'>, region: string): string {
  return `outbound-auth-${name}-${region}`;
}
