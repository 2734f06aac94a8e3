import type { Aws } from '../aws.ts';
import type { Route } from '../http/rest-json.ts';
import type { Call } from '../service.ts';
import {
  type AgentRuntime,
  endpointNotFound,
  type RuntimeEndpoint,
  type RuntimeVersion,
  versionOf,
} from './agent-runtimes.ts';
import { agentCoreArns } from './arns.ts';
import { page } from './page.ts';
import { lifecycleOf } from './runtime-definition.ts';

/** The operations that show runtimes. Making them is CloudFormation's part. */
export function runtimeRoutes(aws: Aws): Route[] {
  const { runtimes } = aws;
  const arns = (call: Call) => agentCoreArns(aws, call.region);
  const pageOf = ({ request: { query } }: Call) => ({
    maxResults: query.get('maxResults'),
    nextToken: query.get('nextToken'),
  });
  return [
    {
      name: 'GetAgentRuntime',
      method: 'GET',
      path: '/runtimes/{id}',
      run(_input, call, { id = '' }) {
        call.authorize('bedrock-agentcore:GetAgentRuntime', arns(call).runtime(id));
        const runtime = runtimes.find(call.region, id);
        return describeRuntime(runtime, versionOf(runtime, call.request.query.get('version') ?? undefined));
      },
    },
    {
      name: 'ListAgentRuntimes',
      method: 'POST',
      path: '/runtimes',
      run(_input, call) {
        call.authorize('bedrock-agentcore:ListAgentRuntimes', '*');
        const { items, ...rest } = page(runtimes.list(call.region), pageOf(call));
        return { agentRuntimes: items.map((runtime) => summary(runtime, versionOf(runtime, undefined))), ...rest };
      },
    },
    {
      name: 'ListAgentRuntimeVersions',
      method: 'POST',
      path: '/runtimes/{id}/versions',
      run(_input, call, { id = '' }) {
        call.authorize('bedrock-agentcore:ListAgentRuntimeVersions', '*');
        const runtime = runtimes.find(call.region, id);
        const { items, ...rest } = page(runtime.versions, pageOf(call));
        return { agentRuntimes: items.map((version) => summary(runtime, version)), ...rest };
      },
    },
    {
      name: 'GetAgentRuntimeEndpoint',
      method: 'GET',
      path: '/runtimes/{id}/runtime-endpoints/{name}',
      run(_input, call, { id = '', name = '' }) {
        const resources = [arns(call).runtime(id), arns(call).runtimeEndpoint(id, name)];
        call.authorize('bedrock-agentcore:GetAgentRuntimeEndpoint', resources);
        const runtime = runtimes.find(call.region, id);
        const endpoint = runtime.endpoints.get(name);
        if (!endpoint) throw endpointNotFound(name);
        return describeEndpoint(runtime, endpoint);
      },
    },
    {
      name: 'ListAgentRuntimeEndpoints',
      method: 'POST',
      path: '/runtimes/{id}/runtime-endpoints',
      run(_input, call, { id = '' }) {
        call.authorize('bedrock-agentcore:ListAgentRuntimeEndpoints', '*');
        const runtime = runtimes.find(call.region, id);
        const { items, ...rest } = page([...runtime.endpoints.values()], pageOf(call));
        return { runtimeEndpoints: items.map((endpoint) => describeEndpoint(runtime, endpoint)), ...rest };
      },
    },
  ];
}

function summary({ arn, id, name }: AgentRuntime, { version, definition, created, status }: RuntimeVersion) {
  return {
    agentRuntimeArn: arn,
    agentRuntimeId: id,
    agentRuntimeVersion: version,
    agentRuntimeName: name,
    description: definition.description ?? '',
    lastUpdatedAt: created,
    status,
  };
}

function describeRuntime(runtime: AgentRuntime, version: RuntimeVersion) {
  const { definition } = version;
  return {
    ...summary(runtime, version),
    createdAt: runtime.created,
    roleArn: definition.roleArn,
    agentRuntimeArtifact: definition.agentRuntimeArtifact,
    networkConfiguration: definition.networkConfiguration,
    protocolConfiguration: definition.protocolConfiguration ?? { serverProtocol: 'HTTP' },
    lifecycleConfiguration: lifecycleOf(definition),
    environmentVariables: definition.environmentVariables ?? {},
    ...(definition.requestHeaderConfiguration
      ? { requestHeaderConfiguration: definition.requestHeaderConfiguration }
      : {}),
    platformVersion: definition.platformVersion ?? 'V1',
    workloadIdentityDetails: { workloadIdentityArn: runtime.workloadIdentity.arn },
  };
}

function describeEndpoint(runtime: AgentRuntime, endpoint: RuntimeEndpoint) {
  return {
    name: endpoint.name,
    id: endpoint.name,
    agentRuntimeEndpointArn: endpoint.arn,
    agentRuntimeArn: runtime.arn,
    status: 'READY',
    createdAt: endpoint.created,
    lastUpdatedAt: endpoint.updated,
    liveVersion: endpoint.version,
    targetVersion: endpoint.version,
    ...(endpoint.description ? { description: endpoint.description } : {}),
  };
}
