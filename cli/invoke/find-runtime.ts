import {
  CloudFormationClient,
  type CloudFormationClientConfig,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import type { Environment } from '../../lib/environments/index.ts';
import { agentOutputs } from '../../lib/outputs.ts';
import { stackName } from '../../lib/stack-name.ts';
import { UserError } from '../user-error.ts';

/**
 * The ARN of an environment's runtime, from the outputs of its stack.
 *
 * @throws UserError when the environment is not deployed
 */
export async function findRuntime(environment: Environment, client: CloudFormationClientConfig): Promise<string> {
  const name = stackName(environment, 'agent');
  const cloudFormation = new CloudFormationClient(client);
  const stack = await cloudFormation
    .send(new DescribeStacksCommand({ StackName: name }))
    .then(({ Stacks }) => Stacks?.[0])
    .catch((error: Error) => {
      if (error.name === 'ValidationError' && error.message.includes('does not exist')) return undefined;
      throw error;
    })
    .finally(() => cloudFormation.destroy());
  const arn = stack?.Outputs?.find(({ OutputKey }) => OutputKey === agentOutputs.runtimeArn)?.OutputValue;
  if (!arn) {
    throw new UserError(
      stack
        ? `The stack ${name} is ${stack.StackStatus} and has no runtime: deploy it again with npx cdk deploy '${environment.name}/*'.`
        : `The environment ${environment.name} is not deployed here: there is no stack ${name}. Deploy it: npx cdk deploy '${environment.name}/*'.`,
    );
  }
  return arn;
}
