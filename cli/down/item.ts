import type { Environment } from '../../lib/environments/index.ts';

export type ItemKind =
  | 'stack'
  | 'runtime'
  | 'credential provider'
  | 'log group'
  | 'log group of AgentCore'
  | 'secret'
  | 'bootstrap';

/** Something of an environment that is in the account. */
export interface Item {
  readonly kind: ItemKind;
  readonly name: string;
  /** Of a stack its status with the reason; of a secret that it is scheduled for deletion. */
  readonly state?: string;
}

/** What the names of the log groups begin with that AgentCore makes for an environment's runtimes: no name has a hyphen. */
export function logGroupPrefix({ runtimeName }: Pick<Environment, 'runtimeName'>): string {
  return `/aws/bedrock-agentcore/runtimes/${runtimeName}-`;
}

/** The id of the runtime that a log group of AgentCore belongs to: what stands before the name of the endpoint. */
export function runtimeIdOf(logGroup: string): string | undefined {
  return /^\/aws\/bedrock-agentcore\/runtimes\/([A-Za-z]\w*-[A-Za-z0-9]{10})-.+$/.exec(logGroup)?.[1];
}
