import type {
  Properties,
  ResourceContext,
  ResourceProvider,
  ResourceResult,
} from '../cloudformation/resource-provider.ts';
import { type AgentRuntime, type RuntimeEndpoint, versionOf } from './agent-runtimes.ts';
import type { Tags } from './resource-tags.ts';
import type { RuntimeDefinition } from './runtime-definition.ts';

const runtimeResource: ResourceProvider = {
  type: 'AWS::BedrockAgentCore::Runtime',
  replaceOn: ['AgentRuntimeName'],
  properties: [
    'AgentRuntimeName',
    'AgentRuntimeArtifact',
    'RoleArn',
    'NetworkConfiguration',
    'ProtocolConfiguration',
    'Description',
    'EnvironmentVariables',
    'LifecycleConfiguration',
    'RequestHeaderConfiguration',
    'AuthorizerConfiguration',
    'PlatformVersion',
    'Tags',
  ],
  async create(context, properties) {
    const { runtimes } = context.aws;
    const tags = tagsOf(context, properties);
    const runtime = runtimes.create(context, properties.AgentRuntimeName, definitionOf(properties), tags);
    context.authorize('bedrock-agentcore:GetAgentRuntime', runtime.arn);
    return runtimeResult(runtime);
  },
  async update(context, physicalId, properties, oldProperties) {
    const { aws, region } = context;
    const runtime = aws.runtimes.update(context, physicalId, definitionOf(properties));
    context.authorize('bedrock-agentcore:GetAgentRuntime', runtime.arn);
    replaceTags(context, runtime.arn, tagsOf(context, oldProperties), tagsOf(context, properties));
    return runtimeResult(aws.runtimes.find(region, physicalId));
  },
  delete: (context, physicalId) => context.aws.runtimes.delete(context, physicalId),
};

const endpointResource: ResourceProvider = {
  type: 'AWS::BedrockAgentCore::RuntimeEndpoint',
  replaceOn: ['AgentRuntimeId', 'Name'],
  properties: ['AgentRuntimeId', 'AgentRuntimeVersion', 'Name', 'Description', 'Tags'],
  async create(context, properties) {
    return putEndpoint(context, 'create', properties);
  },
  async update(context, physicalId, properties, oldProperties) {
    const result = putEndpoint(context, 'update', properties);
    replaceTags(context, physicalId, tagsOf(context, oldProperties), tagsOf(context, properties));
    return result;
  },
  async delete(context, physicalId) {
    const [, id, , name] = physicalId.slice(physicalId.indexOf(':runtime/') + 1).split('/');
    await context.aws.runtimes.deleteEndpoint(context, id ?? '', name ?? '');
  },
};

const workloadIdentityResource: ResourceProvider = {
  type: 'AWS::BedrockAgentCore::WorkloadIdentity',
  replaceOn: ['Name'],
  properties: ['Name', 'AllowedResourceOauth2ReturnUrls', 'Tags'],
  async create(context, properties) {
    const { aws } = context;
    const input = { ...identityInput(properties), tags: tagsOf(context, properties) };
    return identityResult(aws.workloadIdentities.create(context, input));
  },
  async update(context, _physicalId, properties, oldProperties) {
    const updated = context.aws.workloadIdentities.update(context, identityInput(properties));
    replaceTags(context, updated.workloadIdentityArn, tagsOf(context, oldProperties), tagsOf(context, properties));
    return identityResult(updated);
  },
  async delete(context, physicalId) {
    const { aws, region } = context;
    if (aws.workloadIdentities.has(region, physicalId)) aws.workloadIdentities.delete(context, { name: physicalId });
  },
};

/** The CloudFormation types of AgentCore. */
export const agentCoreResources: readonly ResourceProvider[] = [
  runtimeResource,
  endpointResource,
  workloadIdentityResource,
];

function putEndpoint(context: ResourceContext, mode: 'create' | 'update', properties: Properties): ResourceResult {
  const { aws, region } = context;
  const { AgentRuntimeVersion: version, Description: description } = properties;
  const id = String(properties.AgentRuntimeId);
  const endpoint = aws.runtimes.putEndpoint(context, mode, id, {
    name: properties.Name,
    ...(version === undefined ? {} : { version: String(version) }),
    ...(description === undefined ? {} : { description: String(description) }),
    ...(mode === 'create' ? { tags: tagsOf(context, properties) } : {}),
  });
  context.authorize('bedrock-agentcore:GetAgentRuntimeEndpoint', [aws.runtimes.find(region, id).arn, endpoint.arn]);
  return endpointResult(aws.runtimes.find(region, id), endpoint);
}

/** A template's properties in the words of the SDK: the same names, but for the first letter. */
function definitionOf(properties: Properties): RuntimeDefinition {
  const {
    AgentRuntimeName: _name,
    Tags: _tags,
    EnvironmentVariables: variables,
    ProtocolConfiguration: protocol,
    LifecycleConfiguration: lifecycle,
    ...rest
  } = properties;
  return {
    ...(camelCase(rest) as RuntimeDefinition),
    ...(variables === undefined ? {} : { environmentVariables: asTags(variables) }),
    ...(protocol === undefined
      ? {}
      : {
          protocolConfiguration: {
            serverProtocol: protocol as 'HTTP',
          } satisfies RuntimeDefinition['protocolConfiguration'],
        }),
    ...(lifecycle === undefined
      ? {}
      : {
          lifecycleConfiguration: Object.fromEntries(
            Object.entries(camelCase(lifecycle) as object).map(([name, value]) => [name, Number(value)]),
          ),
        }),
  };
}

function camelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name.charAt(0).toLowerCase() + name.slice(1), camelCase(inner)]),
  );
}

function identityInput({ Name: name, AllowedResourceOauth2ReturnUrls: urls }: Properties) {
  return {
    name: name as string | undefined,
    ...(urls === undefined ? {} : { allowedResourceOauth2ReturnUrls: urls as string[] }),
  };
}

function identityResult({ name, workloadIdentityArn }: { name: string; workloadIdentityArn: string }): ResourceResult {
  return { physicalId: name, attributes: { WorkloadIdentityArn: workloadIdentityArn } };
}

function runtimeResult(runtime: AgentRuntime): ResourceResult {
  const { version, created } = versionOf(runtime, undefined);
  const identity = { WorkloadIdentityArn: runtime.workloadIdentity.arn };
  return {
    physicalId: runtime.id,
    attributes: {
      AgentRuntimeArn: runtime.arn,
      AgentRuntimeId: runtime.id,
      AgentRuntimeVersion: version,
      Status: 'READY',
      CreatedAt: runtime.created.toISOString(),
      LastUpdatedAt: created.toISOString(),
      WorkloadIdentityDetails: identity,
      'WorkloadIdentityDetails.WorkloadIdentityArn': identity.WorkloadIdentityArn,
    },
  };
}

function endpointResult(runtime: AgentRuntime, endpoint: RuntimeEndpoint): ResourceResult {
  return {
    physicalId: endpoint.arn,
    attributes: {
      AgentRuntimeEndpointArn: endpoint.arn,
      AgentRuntimeArn: runtime.arn,
      Id: endpoint.name,
      Status: 'READY',
      LiveVersion: endpoint.version,
      TargetVersion: endpoint.version,
      CreatedAt: endpoint.created.toISOString(),
      LastUpdatedAt: endpoint.updated.toISOString(),
    },
  };
}

function tagsOf({ stackTags }: ResourceContext, { Tags: own }: Properties): Tags {
  const listed = Array.isArray(own)
    ? Object.fromEntries((own as { Key: string; Value: unknown }[]).map(({ Key, Value }) => [Key, Value]))
    : own;
  return { ...stackTags, ...asTags(listed ?? {}) };
}

function asTags(values: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(values as object).map(([name, value]) => [name, String(value)]));
}

function replaceTags(context: ResourceContext, arn: string, oldTags: Tags, newTags: Tags): void {
  const gone = Object.keys(oldTags).filter((name) => !Object.hasOwn(newTags, name));
  const changed = Object.entries(newTags).filter(([name, value]) => oldTags[name] !== value);
  if (gone.length > 0) {
    context.authorize('bedrock-agentcore:UntagResource', arn);
    context.aws.credentialProviders.tags.delete(arn, gone);
  }
  if (changed.length > 0) {
    context.authorize('bedrock-agentcore:TagResource', arn);
    context.aws.credentialProviders.tags.put(arn, Object.fromEntries(changed));
  }
}
