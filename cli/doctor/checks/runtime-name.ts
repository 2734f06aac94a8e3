import {
  type AgentRuntime,
  BedrockAgentCoreControlClient,
  ListAgentRuntimesCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { stackName } from '../../../lib/stack-name.ts';
import { stackResources } from '../../stacks.ts';
import { type Finding, findingsOf } from '../finding.ts';
import type { Visit } from '../visit.ts';

const { ok, problem } = findingsOf('runtime-name');

/** Whether the runtime of the environment is there already, and whose it is. */
export async function runtimeNameCheck({ environment, session }: Visit): Promise<Finding> {
  const { runtimeName } = environment;
  const found = await findRuntime(session.config, runtimeName);
  if (found === undefined) return ok(`${runtimeName} is free.`);
  if (await isOfStack(session.config, stackName(environment, 'agent'), found.agentRuntimeId))
    return ok(`${runtimeName} is there, and ours.`);
  return problem(
    `${runtimeName} exists already, and is not of this environment's stack: ${found.agentRuntimeArn}.`,
    'Delete it, or choose another "runtimeName".',
  );
}

/** By what the stack has: outputs it has only once it was whole. */
async function isOfStack(config: Visit['session']['config'], stack: string, runtimeId: string | undefined) {
  const cloudFormation = new CloudFormationClient(config);
  try {
    return (await stackResources(cloudFormation, stack)).some(
      ({ type, id }) => type === 'AWS::BedrockAgentCore::Runtime' && id === runtimeId,
    );
  } finally {
    cloudFormation.destroy();
  }
}

async function findRuntime(config: Visit['session']['config'], name: string): Promise<AgentRuntime | undefined> {
  const agentCore = new BedrockAgentCoreControlClient(config);
  try {
    let nextToken: string | undefined;
    do {
      const page = await agentCore.send(new ListAgentRuntimesCommand({ nextToken }));
      const found = page.agentRuntimes?.find(({ agentRuntimeName }) => agentRuntimeName === name);
      if (found) return found;
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return undefined;
  } finally {
    agentCore.destroy();
  }
}
