import { releaseParameters } from '../../lib/agent-runtime/release-parameters.ts';
import type { Environment } from '../../lib/environments/index.ts';
import type { AwsClientConfig } from '../aws.ts';
import { type DeployedAgent, findAgent } from '../invoke/find-runtime.ts';
import { UserError } from '../user-error.ts';
import { type Deployer, deployerOf } from './deployer.ts';
import { Runtime } from './runtime.ts';

/** An environment as it is deployed, for those who move its endpoint. */
export interface Opened {
  readonly deployer: Deployer;
  readonly agent: DeployedAgent;
  readonly runtime: Runtime;
}

/**
 * Does something with the runtime of an environment.
 *
 * @throws UserError when the environment is not deployed, or was by a version of this project that had no releases
 */
export async function withRuntime<T>(
  environment: Environment,
  client: AwsClientConfig,
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  const deployer = await deployerOf(environment, client);
  const agent = await findAgent(environment, deployer.ofStack);
  const { version } = releaseParameters('Live');
  if (!agent.stack.Parameters?.some(({ ParameterKey }) => ParameterKey === version)) {
    throw new UserError(
      `The stack ${agent.stack.StackName} knows no releases yet: deploy it once more, npx cdk deploy '${environment.name}/*'.`,
    );
  }
  const runtime = new Runtime(deployer.self, agent.runtimeArn);
  try {
    return await work({ deployer, agent, runtime });
  } finally {
    runtime.destroy();
  }
}
