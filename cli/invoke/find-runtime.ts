import { CloudFormationClient, type CloudFormationClientConfig, type Stack } from '@aws-sdk/client-cloudformation';
import type { Environment } from '../../lib/environments/index.ts';
import { agentOutputs } from '../../lib/outputs.ts';
import { stackName } from '../../lib/stack-name.ts';
import { describeStack } from '../stacks.ts';
import { UserError } from '../user-error.ts';

/** The agent of an environment as it is deployed. */
export interface DeployedAgent {
  readonly stack: Stack;
  readonly runtimeArn: string;
  /** The version that the endpoint DEFAULT serves; undefined where the stack does not say it yet. */
  readonly newestVersion: string | undefined;
  /** The version that the endpoint `live` serves; undefined before the first release. */
  readonly liveVersion: string | undefined;
  /** The one that it served before. */
  readonly formerLiveVersion: string | undefined;
}

/**
 * Finds an environment's runtime, and which of its versions are served, from the outputs of its stack.
 *
 * @throws UserError when the environment is not deployed
 */
export async function findAgent(environment: Environment, client: CloudFormationClientConfig): Promise<DeployedAgent> {
  const name = stackName(environment, 'agent');
  const cloudFormation = new CloudFormationClient(client);
  const stack = await describeStack(cloudFormation, name).finally(() => cloudFormation.destroy());
  const output = (key: string) => stack?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
  const runtimeArn = output(agentOutputs.runtimeArn);
  if (!stack || !runtimeArn) {
    throw new UserError(
      stack
        ? `The stack ${name} is ${stack.StackStatus} and has no runtime: deploy it again: npm run up -- --environment ${environment.name}.`
        : `The environment ${environment.name} is not deployed here: there is no stack ${name}. Deploy it: npm run up -- --environment ${environment.name}.`,
    );
  }
  return {
    stack,
    runtimeArn,
    newestVersion: output(agentOutputs.runtimeVersion),
    liveVersion: output(agentOutputs.liveVersion),
    formerLiveVersion: output(agentOutputs.formerLiveVersion),
  };
}

/**
 * The ARN of an environment's runtime.
 *
 * @throws UserError when the environment is not deployed
 */
export async function findRuntime(environment: Environment, client: CloudFormationClientConfig): Promise<string> {
  return (await findAgent(environment, client)).runtimeArn;
}
