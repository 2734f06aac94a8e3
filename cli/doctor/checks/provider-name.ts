import {
  BedrockAgentCoreControlClient,
  GetApiKeyCredentialProviderCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { tags as tagNames } from '../../../lib/credential-provider/resource-properties.ts';
import {
  type CredentialOfAgent,
  credentialSource,
  credentialsOf,
  deployedProviderName,
} from '../../../lib/outbound-credentials.ts';
import { type Finding, findingsOf } from '../finding.ts';
import type { Visit } from '../visit.ts';

const { ok, problem } = findingsOf('provider-name');

/** Whether the credential providers of the environment are there already, and whose they are. */
export async function providerNameCheck(visit: Visit): Promise<Finding[]> {
  const agentCore = new BedrockAgentCoreControlClient(visit.session.config);
  try {
    return await Promise.all(
      credentialsOf(visit.environment).map((credential) => lookAt(visit, agentCore, credential)),
    );
  } finally {
    agentCore.destroy();
  }
}

async function lookAt(
  { environment, stack }: Visit,
  agentCore: BedrockAgentCoreControlClient,
  credential: CredentialOfAgent,
): Promise<Finding> {
  const name = deployedProviderName(environment, credential);
  const setting = `${credential.setting}credentialProviderName`;
  const provider = await getProvider(agentCore, name);
  if (!provider) return ok(`${name} is free.`);
  const { tags = {} } = await agentCore.send(new ListTagsForResourceCommand({ resourceArn: provider.arn }));
  const owner = tags[tagNames.stackId];
  const isOurs = owner !== undefined && owner === (await stack('identity'))?.StackId;
  if (!isOurs && !credential.adoptExisting) {
    return problem(
      `${name} exists already, and ${owner ? `belongs to the stack ${owner}` : 'was made outside CloudFormation'}.`,
      `Take it over with "${credential.setting}adoptExisting": true, or choose another "${setting}".`,
    );
  }
  const { secretSource } = credentialSource(credential);
  if (provider.source !== undefined && provider.source !== secretSource) {
    return problem(
      `${name} is ${provider.source} and cannot become ${secretSource}, as "${credential.setting}source" wants it.`,
      `Choose another "${setting}", or leave it out.`,
    );
  }
  return ok(isOurs ? `${name} is there, and ours.` : `${name} is there, and will be taken over (adoptExisting).`);
}

async function getProvider(agentCore: BedrockAgentCoreControlClient, name: string) {
  try {
    const provider = await agentCore.send(new GetApiKeyCredentialProviderCommand({ name }));
    return { arn: provider.credentialProviderArn, source: provider.apiKeySecretSource };
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
