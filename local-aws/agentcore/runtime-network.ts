import type { NetworkConfiguration } from '@aws-sdk/client-bedrock-agentcore-control';
import { AwsError, notSupported } from '../errors.ts';
import type { ConditionContext } from '../iam/conditions.ts';
import { checkPattern, constraintViolation } from './validation.ts';

const most = 16;

/**
 * Checks what AgentCore checks of a runtime's network. There is no VPC here: the ids are kept and shown, and the agent runs
 * on the network of this machine.
 *
 * @throws AwsError ValidationException; NotSupportedByLocalAws for what only some runtimes of AWS take
 */
export function checkNetwork(configuration: NetworkConfiguration | undefined): void {
  const { networkMode, networkModeConfig } = configuration ?? {};
  checkPattern('networkConfiguration.networkMode', networkMode, 'PUBLIC|VPC');
  if (networkMode === 'PUBLIC') return;
  if (!networkModeConfig) {
    throw new AwsError('ValidationException', 'networkModeConfig is required when networkMode is VPC');
  }
  const { subnets, securityGroups, requireServiceS3Endpoint } = networkModeConfig;
  checkIds('subnets', subnets, 'subnet');
  checkIds('securityGroups', securityGroups, 'sg');
  if (requireServiceS3Endpoint !== undefined) throw notSupported('agent runtimes with requireServiceS3Endpoint');
}

/** The condition keys of a call that makes or changes a runtime. */
export function networkContext(configuration: NetworkConfiguration | undefined): ConditionContext {
  const { subnets, securityGroups } = configuration?.networkModeConfig ?? {};
  return {
    ...(subnets && { 'bedrock-agentcore:subnets': subnets }),
    ...(securityGroups && { 'bedrock-agentcore:securityGroups': securityGroups }),
  };
}

function checkIds(name: string, ids: unknown, kind: string): void {
  const member = `networkConfiguration.networkModeConfig.${name}`;
  if (!Array.isArray(ids)) throw constraintViolation(member, 'null', 'Member must not be null');
  if (ids.length < 1) {
    throw constraintViolation(member, '[]', 'Member must have length greater than or equal to 1');
  }
  if (ids.length > most) {
    throw constraintViolation(member, `[${ids}]`, `Member must have length less than or equal to ${most}`);
  }
  for (const id of ids) checkPattern(member, id, `${kind}-[0-9a-zA-Z]{8,17}`);
}
