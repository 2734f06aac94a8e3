import {
  BedrockAgentCoreControlClient,
  GetAgentRuntimeCommand,
  GetApiKeyCredentialProviderCommand,
  ListApiKeyCredentialProvidersCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudFormationClient, DescribeStackEventsCommand } from '@aws-sdk/client-cloudformation';
import { resourceTypes, tags } from '../../lib/credential-provider/resource-properties.ts';
import type { Environment } from '../../lib/environments/index.ts';
import { credentialsOf } from '../../lib/outbound-credentials.ts';
import type { AwsClientConfig } from '../aws.ts';
import { deployerOf } from '../release/deployer.ts';
import { describeStack, type Stacks, stackResources } from '../stacks.ts';
import { type Item, type ItemKind, logGroupPrefixes } from './item.ts';
import { findBootstrap, findLogGroups, findSecret } from './look.ts';

/** Who looks at the stacks, and who at all else. */
interface Clients {
  readonly ofStack: AwsClientConfig;
  readonly self: AwsClientConfig;
}

/** What an environment may have in the account, by the names that its stacks and settings give. */
export interface Inventory {
  readonly stackIds: readonly string[];
  /** Those of before, too, which a change of name or artifact has replaced. */
  readonly runtimeIds: readonly string[];
  readonly providers: readonly string[];
  /** Log groups of the stacks. Those that AgentCore makes are found by the runtimes. */
  readonly logGroups: readonly string[];
}

/** Reads from the stacks what belongs to them, before they go. */
export async function takeInventory({ self, ofStack }: Clients, stacks: Stacks): Promise<Inventory> {
  const stackIds = Object.values(stacks).flatMap((stack) => stack?.StackId ?? []);
  const cloudFormation = new CloudFormationClient(ofStack);
  try {
    const resources = (await Promise.all(stackIds.map((id) => stackResources(cloudFormation, id)))).flat();
    const idsOf = (type: string) => resources.flatMap((each) => (each.type === type ? each.id : []));
    const retired = stacks.identity?.StackId ? await ownedProviders(self, stacks.identity.StackId) : [];
    return {
      stackIds,
      runtimeIds: stacks.agent?.StackId ? await runtimesEver(cloudFormation, stacks.agent.StackId) : [],
      providers: [...new Set([...idsOf(resourceTypes.credentialProvider), ...retired])].filter(canBeProvider),
      logGroups: idsOf('AWS::Logs::LogGroup'),
    };
  } finally {
    cloudFormation.destroy();
  }
}

/** Our handler calls otherwise what it could not make, and CloudFormation what it never asked for. */
function canBeProvider(id: string): boolean {
  return /^[A-Za-z0-9_-]{1,128}$/.test(id);
}

/** The ids of all runtimes that a stack has had: CloudFormation remembers what it made for as long as there is the stack. */
async function runtimesEver(cloudFormation: CloudFormationClient, StackName: string): Promise<string[]> {
  const ids = new Set<string>();
  let NextToken: string | undefined;
  do {
    const page = await cloudFormation.send(new DescribeStackEventsCommand({ StackName, NextToken }));
    for (const { ResourceType, PhysicalResourceId: id } of page.StackEvents ?? []) {
      if (ResourceType === 'AWS::BedrockAgentCore::Runtime' && id) ids.add(id);
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return [...ids];
}

/** The providers of a stack by their tags: those that were replaced, too, which no template names any more. */
async function ownedProviders(client: AwsClientConfig, stackId: string): Promise<string[]> {
  const agentCore = new BedrockAgentCoreControlClient(client);
  try {
    const owned: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await agentCore.send(new ListApiKeyCredentialProvidersCommand({ nextToken }));
      for (const { name, credentialProviderArn: resourceArn } of page.credentialProviders ?? []) {
        const { tags: given } = await agentCore.send(new ListTagsForResourceCommand({ resourceArn }));
        if (name && given?.[tags.stackId] === stackId) owned.push(name);
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return owned;
  } finally {
    agentCore.destroy();
  }
}

/** Where to look, and for what. */
export interface Subject {
  readonly environment: Environment;
  readonly client: AwsClientConfig;
  /** Qualifier of the bootstrap. */
  readonly qualifier: string;
  readonly inventory: Inventory;
}

/** What of it all is in the account now. */
export async function present(subject: Subject): Promise<Item[]> {
  const { environment, client, qualifier, inventory } = subject;
  // Anew at each look: what the role is taken for ends after an hour, and a deletion may take as long.
  const { ofStack } = await deployerOf(environment, client);
  const cloudFormation = new CloudFormationClient(ofStack);
  const agentCore = new BedrockAgentCoreControlClient(client);
  const existing = async (kind: ItemKind, name: string, get: Promise<unknown>): Promise<Item[]> =>
    (await isThere(get)) ? [{ kind, name }] : [];
  try {
    const secrets = [...new Set(credentialsOf(environment).map(({ secret }) => secret))];
    const found = await Promise.all([
      ...inventory.stackIds.map(async (id): Promise<Item[]> => {
        const stack = await describeStack(cloudFormation, id);
        if (!stack || stack.StackStatus === 'DELETE_COMPLETE') return [];
        const { StackName: name = id, StackStatus, StackStatusReason } = stack;
        return [{ kind: 'stack', name, state: [StackStatus, StackStatusReason].filter(Boolean).join(': ') }];
      }),
      ...inventory.runtimeIds.map((agentRuntimeId) =>
        existing('runtime', agentRuntimeId, agentCore.send(new GetAgentRuntimeCommand({ agentRuntimeId }))),
      ),
      ...inventory.providers.map((name) =>
        existing('credential provider', name, agentCore.send(new GetApiKeyCredentialProviderCommand({ name }))),
      ),
      ...inventory.logGroups.map((name) => findLogGroups(client, 'log group', name, (found) => found === name)),
      ...logGroupPrefixes(environment, inventory.runtimeIds).map((prefix) =>
        findLogGroups(client, 'log group of the agent', prefix, (name) => !inventory.logGroups.includes(name)),
      ),
      ...secrets.map((secret) => findSecret(client, secret)),
      findBootstrap(client, qualifier),
    ]);
    return found.flat();
  } finally {
    cloudFormation.destroy();
    agentCore.destroy();
  }
}

/** Which of these runtimes are there. */
export async function existingRuntimes(client: AwsClientConfig, ids: ReadonlySet<string>): Promise<Set<string>> {
  const agentCore = new BedrockAgentCoreControlClient(client);
  try {
    const existing = new Set<string>();
    for (const agentRuntimeId of ids) {
      if (await isThere(agentCore.send(new GetAgentRuntimeCommand({ agentRuntimeId })))) existing.add(agentRuntimeId);
    }
    return existing;
  } finally {
    agentCore.destroy();
  }
}

async function isThere(get: Promise<unknown>): Promise<boolean> {
  try {
    await get;
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return false;
    throw error;
  }
}
