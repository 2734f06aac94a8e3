import { logGroupsOfRuntimes } from '../../lib/agent-runtime/log-groups/resource-properties.ts';
import type { Environment } from '../../lib/environments/index.ts';

export type ItemKind =
  | 'stack'
  | 'runtime'
  | 'credential provider'
  | 'log group'
  | 'log group of the agent'
  | 'secret'
  | 'bootstrap';

/** Something of an environment that is in the account. */
export interface Item {
  readonly kind: ItemKind;
  readonly name: string;
  /** Of a stack its status with the reason; of a secret that it is scheduled for deletion. */
  readonly state?: string;
}

/**
 * What the names of the log groups begin with that AgentCore makes for an environment's runtimes: those of its name, of
 * which no other can begin so, as no name has a hyphen, and those that its stack has had under another.
 */
export function logGroupPrefixes(
  { runtimeName }: Pick<Environment, 'runtimeName'>,
  runtimeIds: readonly string[],
): string[] {
  const ofName = `${runtimeName}-`;
  const others = runtimeIds.filter((id) => !id.startsWith(ofName)).map((id) => `${id}-`);
  return [ofName, ...others].map((beginning) => `${logGroupsOfRuntimes}${beginning}`);
}

/** The id of the runtime that a log group of the agent belongs to: what stands before the name of the endpoint. */
export function runtimeIdOf(logGroup: string): string | undefined {
  if (!logGroup.startsWith(logGroupsOfRuntimes)) return undefined;
  return /^([A-Za-z]\w*-[A-Za-z0-9]{10})-.+$/.exec(logGroup.slice(logGroupsOfRuntimes.length))?.[1];
}
