import { Annotations, Stack } from 'aws-cdk-lib';
import {
  CfnWorkloadIdentity,
  type IBedrockAgentRuntime,
  PlatformVersion,
  Runtime,
} from 'aws-cdk-lib/aws-bedrockagentcore';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { Policy } from 'aws-cdk-lib/aws-iam';
import { Construct, type IDependable } from 'constructs';
import { modelEnvironment } from '../../agent/src/model-settings.ts';
import { environmentVariables } from '../../agent/src/settings.ts';
import { weatherVariablesOf } from '../../agent/src/weather-settings.ts';
import type { Environment } from '../environments/index.ts';
import type { DeployedCredential } from '../outbound-credentials.ts';
import { runOneAtATime } from '../safeguards/production.ts';
import { agentArtifact, artifactVariables } from './artifact.ts';
import { ExecutionRole } from './execution-role.ts';
import { liveEndpoint } from './live-endpoint-name.ts';
import { logGroupName, RuntimeLogGroups } from './log-groups/runtime-log-groups.ts';
import type { ReleasedVersion } from './released-version.ts';
import { joinNetwork, sessionLifecycle } from './sessions.ts';

/** The endpoint that AgentCore makes with a runtime. */
const defaultEndpoint = 'DEFAULT';

export interface AgentRuntimeProps {
  readonly environment: Environment;
  /** Whose keys the agent gets. */
  readonly credentials: readonly DeployedCredential[];
  /** What the endpoint `live` serves. */
  readonly live: ReleasedVersion;
  /** What it served before, where its sessions may still be open. */
  readonly formerLive: ReleasedVersion;
}

/** The agent's image or code, the role it works with, and the AgentCore Runtime that runs it. */
export class AgentRuntime extends Construct {
  readonly runtimeId: string;
  readonly runtimeArn: string;
  /** The newest version, which the endpoint DEFAULT serves. */
  readonly version: string;
  readonly runtime: IBedrockAgentRuntime;
  readonly endpoints = [defaultEndpoint, liveEndpoint];
  /** Log group of the endpoint DEFAULT. */
  readonly logGroupName: string;
  /** Those of all endpoints. */
  readonly logGroupNames: readonly string[];
  /** What makes sure that they are there. */
  readonly logGroups: IDependable;

  constructor(scope: Construct, id: string, props: AgentRuntimeProps) {
    const { environment, credentials, live, formerLive } = props;
    super(scope, id);
    // With hyphens, which the names of runtimes and of their own workload identities cannot have: they never collide.
    const workloadIdentityName = environment.callersWithoutUser ? `outbound-auth-${environment.name}` : undefined;
    const providerNames = Object.fromEntries(
      credentials.map(({ variable, provider }) => [variable, provider.credentialProviderName]),
    );
    const role = new ExecutionRole(this, 'ExecutionRole', {
      runtimeName: environment.runtimeName,
      credentialProviders: credentials.map(({ provider }) => provider),
      pinnedCredentials: [...live.credentials, ...formerLive.credentials],
      sendsTraces: environment.tracing !== 'off',
      ...(workloadIdentityName && { workloadIdentityName }),
    });
    const artifact = agentArtifact(environment.artifact);
    const lifecycleConfiguration = sessionLifecycle(environment);
    const runtime = new Runtime(this, 'Runtime', {
      runtimeName: environment.runtimeName,
      description: `Agent of the environment ${environment.name}, with outbound authentication by ${Object.values(providerNames).join(' and ')}`,
      agentRuntimeArtifact: artifact,
      // The L2 adds statements of its own, wider than these, to a role that lets itself be changed.
      executionRole: role.withoutPolicyUpdates(),
      platformVersion: PlatformVersion.of(environment.platformVersion),
      ...(lifecycleConfiguration && { lifecycleConfiguration }),
      environmentVariables: agentSettings(environment, {
        region: Stack.of(this).region,
        providerNames,
        workloadIdentityName,
      }),
    });
    if (environment.network) joinNetwork(runtime, environment.network);
    if (environment.artifact === 'container') {
      Annotations.of(runtime).acknowledgeInfo(
        'aws-cdk-lib.aws-bedrockagentcore:containerUriValidationSkipped',
        'The URI is one that CDK makes itself.',
      );
    }
    // The runtime makes the asset no earlier than at synth, which is too late to name its repository in the policy. Of a
    // zip there is nothing to name: AgentCore reads it once, with the permissions of whoever makes the version.
    // https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-code-deploy-common-issues.html
    artifact.bind(runtime, runtime);
    for (const image of runtime.node.findAll()) {
      if (image instanceof DockerImageAsset) role.allowPullFrom(image.repository);
    }
    // Without its policy the role may not pull the image yet: "Access denied while validating ECR URI".
    for (const policy of role.node.findAll()) {
      if (policy instanceof Policy) runtime.node.addDependency(policy);
    }
    if (workloadIdentityName) {
      runtime.node.addDependency(new CfnWorkloadIdentity(this, 'WorkloadIdentity', { name: workloadIdentityName }));
    }
    this.runtimeId = runtime.agentRuntimeId;
    this.version = runtime.agentRuntimeVersion ?? '';
    const logGroups = new RuntimeLogGroups(this, 'LogGroups', environment);
    if (environment.production) runOneAtATime(logGroups);
    runtime.node.addDependency(logGroups.beforeRuntime);
    this.logGroups = logGroups.settle(runtime.agentRuntimeId, this.endpoints);
    this.runtime = runtime;
    this.runtimeArn = runtime.agentRuntimeArn;
    this.logGroupName = logGroupName(runtime.agentRuntimeId, defaultEndpoint);
    this.logGroupNames = this.endpoints.map((endpoint) => logGroupName(runtime.agentRuntimeId, endpoint));
  }
}

function agentSettings(
  { model, systemPrompt, weather, tracing, artifact }: Environment,
  names: {
    readonly region: string;
    /** Of the credential providers, by variable. */
    readonly providerNames: Readonly<Record<string, string>>;
    readonly workloadIdentityName: string | undefined;
  },
): Record<string, string> {
  const { region, providerNames, workloadIdentityName } = names;
  return {
    // Whether AgentCore sets it in the container is not documented.
    [environmentVariables.region]: region,
    ...providerNames,
    ...modelEnvironment(model),
    ...(tracing !== 'off' && { [environmentVariables.tracing]: tracing }),
    ...(workloadIdentityName && { [environmentVariables.workloadIdentityName]: workloadIdentityName }),
    ...(systemPrompt && { [environmentVariables.systemPrompt]: systemPrompt }),
    ...(weather && weatherVariablesOf(weather)),
    ...artifactVariables(artifact),
  };
}
