import { Duration } from 'aws-cdk-lib';
import type { CfnRuntime, LifecycleConfiguration, Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Environment } from '../environments/index.ts';

/** What AgentCore takes when it is told nothing, in seconds. */
const idleByDefault = 900;

/** How long AgentCore keeps a session; undefined leaves it to AgentCore. */
export function sessionLifecycle({ lifecycle }: Pick<Environment, 'lifecycle'>): LifecycleConfiguration | undefined {
  if (!lifecycle) return undefined;
  const { maxSeconds } = lifecycle;
  // AgentCore refuses sessions that may wait longer than they live, and its own default is a time too.
  const idleSeconds = lifecycle.idleSeconds ?? (maxSeconds && maxSeconds < idleByDefault ? maxSeconds : undefined);
  return {
    ...(idleSeconds && { idleRuntimeSessionTimeout: Duration.seconds(idleSeconds) }),
    ...(maxSeconds && { maxLifetime: Duration.seconds(maxSeconds) }),
  };
}

/**
 * Puts the sessions of a runtime into subnets of a VPC. The L2 wants the VPC as a construct, which it takes nothing from
 * but the ids that the settings name.
 */
export function joinNetwork(runtime: Runtime, { subnets, securityGroups }: NonNullable<Environment['network']>): void {
  const resource = runtime.node.defaultChild as CfnRuntime;
  resource.networkConfiguration = { networkMode: 'VPC', networkModeConfig: { subnets, securityGroups } };
}
