import { Refusal } from '../../../custom-resource/handler/refusal.ts';
import { logGroupsOfRuntimes, ownerTag, type RuntimeLogGroupsProperties } from '../resource-properties.ts';
import type { Tags } from './calls.ts';

/** How the log groups are to be. */
export interface WantedLogGroups {
  readonly names: readonly string[];
  readonly retentionInDays: number;
  readonly kmsKeyArn: string | undefined;
  readonly tags: Tags;
}

/** @throws Refusal when the properties are not what the construct writes */
export function wantedLogGroups(properties: RuntimeLogGroupsProperties, stackId: string): WantedLogGroups {
  const { LogGroupNames: names, RetentionInDays, KmsKeyArn: kmsKeyArn, Tags = '{}' } = properties;
  for (const name of names) refuseOthers(name);
  const retentionInDays = Number(RetentionInDays);
  if (!Number.isInteger(retentionInDays) || retentionInDays < 1) {
    throw new Refusal(`RetentionInDays is "${RetentionInDays}": it must be a number of days.`);
  }
  const tags = { ...(JSON.parse(Tags) as Tags), [ownerTag]: stackId };
  return { names, retentionInDays, kmsKeyArn, tags };
}

/** @throws Refusal when it does not begin as the names of a runtime's log groups do: anything else is not ours to touch */
export function refuseOthers(name: string): void {
  if (typeof name === 'string' && name.startsWith(logGroupsOfRuntimes) && name.length > logGroupsOfRuntimes.length) {
    return;
  }
  throw new Refusal(`"${name}" is no log group of an agent runtime: its name must begin with ${logGroupsOfRuntimes}.`);
}
