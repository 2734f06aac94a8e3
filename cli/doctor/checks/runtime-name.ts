import { BedrockAgentCoreControlClient, ListAgentRuntimesCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { agentOutputs } from '../../../lib/outputs.ts';
import { type Finding, findingsOf } from '../finding.ts';
import type { Visit } from '../visit.ts';

const { ok, problem } = findingsOf('runtime-name');

/** Whether the runtime of the environment is there already, and whose it is. */
export async function runtimeNameCheck({ environment, session, stack }: Visit): Promise<Finding> {
  const { runtimeName } = environment;
  const arn = await findRuntime(session.config, runtimeName);
  if (arn === undefined) return ok(`${runtimeName} is free.`);
  const ours = (await stack('agent'))?.Outputs?.find(({ OutputKey }) => OutputKey === agentOutputs.runtimeArn);
  if (ours?.OutputValue === arn) return ok(`${runtimeName} is there, and ours.`);
  return problem(
    `${runtimeName} exists already, and is not of this environment's stack: ${arn}.`,
    'Delete it, or choose another "runtimeName".',
  );
}

async function findRuntime(config: Visit['session']['config'], name: string): Promise<string | undefined> {
  const agentCore = new BedrockAgentCoreControlClient(config);
  try {
    let nextToken: string | undefined;
    do {
      const page = await agentCore.send(new ListAgentRuntimesCommand({ nextToken }));
      const found = page.agentRuntimes?.find(({ agentRuntimeName }) => agentRuntimeName === name);
      if (found) return found.agentRuntimeArn;
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return undefined;
  } finally {
    agentCore.destroy();
  }
}
