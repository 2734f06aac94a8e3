import { setTimeout as sleep } from 'node:timers/promises';
import {
  BedrockAgentCoreControlClient,
  GetAgentRuntimeCommand,
  GetAgentRuntimeEndpointCommand,
  GetApiKeyCredentialProviderCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import type { AwsClientConfig } from '../aws.ts';

/** A version of a runtime. */
export interface Version {
  /** `1`, `2`, … */
  readonly version: string;
  readonly status: string;
  readonly failureReason: string | undefined;
  readonly roleArn: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
}

/** What an endpoint serves. */
export interface Endpoint {
  readonly status: string;
  readonly version: string | undefined;
  /** Whether it is to serve this version, and does. */
  readonly isSettled: boolean;
}

const pause = 500;

/** A runtime, its versions and its endpoints, as AgentCore shows them. */
export class Runtime {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly #agentCore: BedrockAgentCoreControlClient;

  constructor(client: AwsClientConfig, arn: string) {
    this.arn = arn;
    this.id = arn.slice(arn.lastIndexOf('/') + 1);
    // What AWS adds to the name begins with a hyphen, which no name has.
    this.name = this.id.slice(0, this.id.lastIndexOf('-'));
    this.#agentCore = new BedrockAgentCoreControlClient(client);
  }

  /**
   * @param version the newest when undefined
   * @returns undefined when there is no such version
   */
  async version(version?: string): Promise<Version | undefined> {
    const found = await unlessMissing(
      this.#agentCore.send(
        new GetAgentRuntimeCommand({ agentRuntimeId: this.id, ...(version && { agentRuntimeVersion: version }) }),
      ),
    );
    return (
      found && {
        version: found.agentRuntimeVersion ?? '',
        status: found.status ?? 'UNKNOWN',
        failureReason: found.failureReason,
        roleArn: found.roleArn,
        variables: found.environmentVariables ?? {},
      }
    );
  }

  /** @returns undefined when there is no endpoint of this name */
  async endpoint(name: string): Promise<Endpoint | undefined> {
    const found = await unlessMissing(
      this.#agentCore.send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId: this.id, endpointName: name })),
    );
    if (!found) return undefined;
    const { status = 'CREATING', liveVersion: version, targetVersion = version } = found;
    return { status, version, isSettled: status === 'READY' && version === targetVersion };
  }

  /**
   * Waits until an endpoint serves what it is to serve.
   *
   * @param longest milliseconds
   * @returns how it was last seen
   */
  async settledEndpoint(name: string, longest: number): Promise<Endpoint | undefined> {
    const end = Date.now() + longest;
    for (;;) {
      const endpoint = await this.endpoint(name);
      if (!endpoint || endpoint.isSettled || endpoint.status.endsWith('_FAILED') || Date.now() > end) return endpoint;
      await sleep(pause);
    }
  }

  /**
   * ARN of the secret that AgentCore reads for a credential provider.
   *
   * @returns undefined when there is no provider of this name
   */
  async secretOfProvider(name: string): Promise<string | undefined> {
    const provider = await unlessMissing(this.#agentCore.send(new GetApiKeyCredentialProviderCommand({ name })));
    return provider?.apiKeySecretArn?.secretArn;
  }

  destroy(): void {
    this.#agentCore.destroy();
  }
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
