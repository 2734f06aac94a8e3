import {
  type AgentRuntimeArtifact,
  type BedrockAgentCoreControlClient,
  GetAgentRuntimeCommand,
  paginateListAgentRuntimeEndpoints,
  paginateListAgentRuntimeVersions,
} from '@aws-sdk/client-bedrock-agentcore-control';

/** The newest version of a runtime. */
export interface RuntimeStatus {
  readonly arn: string;
  readonly status: string;
  readonly version: string;
  readonly platformVersion: string;
  /** `PUBLIC` or `VPC`. */
  readonly network: string;
  readonly artifact: { readonly kind: 'container' | 'code'; readonly from: string };
}

export async function readRuntime(client: BedrockAgentCoreControlClient, arn: string): Promise<RuntimeStatus> {
  const runtime = await client.send(new GetAgentRuntimeCommand({ agentRuntimeId: idOf(arn) }));
  return {
    arn,
    status: runtime.failureReason ? `${runtime.status}: ${runtime.failureReason}` : (runtime.status ?? 'unknown'),
    version: runtime.agentRuntimeVersion ?? '',
    platformVersion: runtime.platformVersion ?? 'unknown',
    network: runtime.networkConfiguration?.networkMode ?? 'unknown',
    artifact: artifactOf(runtime.agentRuntimeArtifact),
  };
}

function artifactOf(artifact: AgentRuntimeArtifact | undefined): RuntimeStatus['artifact'] {
  const { containerConfiguration: container, codeConfiguration: code } = artifact ?? {};
  if (!code) return { kind: 'container', from: container?.containerUri ?? 'unknown' };
  const { bucket, prefix } = code.code?.s3 ?? {};
  return { kind: 'code', from: `s3://${bucket}/${prefix} on ${code.runtime}` };
}

export interface RuntimeVersionStatus {
  readonly version: string;
  readonly made: Date | undefined;
  readonly status: string;
}

/** Newest first. */
export async function readVersions(
  client: BedrockAgentCoreControlClient,
  arn: string,
): Promise<RuntimeVersionStatus[]> {
  const versions: RuntimeVersionStatus[] = [];
  for await (const { agentRuntimes = [] } of paginateListAgentRuntimeVersions(
    { client },
    { agentRuntimeId: idOf(arn) },
  )) {
    for (const { agentRuntimeVersion: version = '', lastUpdatedAt: made, status = 'unknown' } of agentRuntimes) {
      versions.push({ version, made, status });
    }
  }
  return versions.sort((a, b) => Number(b.version) - Number(a.version));
}

export interface EndpointStatus {
  readonly name: string;
  readonly version: string;
  readonly status: string;
}

export async function readEndpoints(client: BedrockAgentCoreControlClient, arn: string): Promise<EndpointStatus[]> {
  const endpoints: EndpointStatus[] = [];
  for await (const { runtimeEndpoints = [] } of paginateListAgentRuntimeEndpoints(
    { client },
    { agentRuntimeId: idOf(arn) },
  )) {
    for (const { name = '', liveVersion: version = '', status = 'unknown' } of runtimeEndpoints) {
      endpoints.push({ name, version, status });
    }
  }
  return endpoints.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The id of a runtime, which its ARN ends with. */
export function idOf(runtimeArn: string): string {
  return runtimeArn.split('/').at(-1) ?? '';
}
