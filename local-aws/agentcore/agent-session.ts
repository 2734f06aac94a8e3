import { randomBytes, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Aws } from '../aws.ts';
import { AwsError } from '../errors.ts';
import { openLogStream } from '../process/log-stream.ts';
import { AgentProcess } from './agent-process.ts';
import type { RuntimeVersion } from './agent-runtimes.ts';
import { assumeExecutionRole, lifecycleOf } from './runtime-definition.ts';

/** What a session is opened for. */
export interface SessionOptions {
  readonly region: string;
  readonly runtimeId: string;
  readonly runtimeArn: string;
  readonly endpointName: string;
  readonly sessionId: string;
  readonly version: RuntimeVersion;
}

/** One session of one runtime: its own container, on the version that the session began with. */
export class AgentSession {
  readonly options: SessionOptions;
  readonly #aws: Aws;
  readonly #started: Promise<AgentProcess>;
  readonly #onEnd: () => void;
  readonly #scratch: string;
  #process: AgentProcess | undefined;
  #inFlight = 0;
  #ended: Promise<void> | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #lifetimeTimer: NodeJS.Timeout | undefined;

  /** @param onEnd called once, when no more events may be sent to the session */
  constructor(aws: Aws, options: SessionOptions, onEnd: () => void) {
    this.#aws = aws;
    this.options = options;
    this.#onEnd = onEnd;
    this.#scratch = join(aws.directory, 'sessions', randomBytes(8).toString('hex'));
    this.#started = this.#start();
    this.#started.catch(() => this.end());
  }

  /**
   * Gives the container once it is healthy, and keeps the session from going idle until `release` is called.
   *
   * @throws AwsError RuntimeClientError when it does not become healthy, ValidationException when its role cannot be taken
   */
  async acquire(): Promise<{ process: AgentProcess; release: () => void }> {
    this.#inFlight++;
    clearTimeout(this.#idleTimer);
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      if (--this.#inFlight === 0) this.#waitForIdle();
    };
    try {
      return { process: await this.#started, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Ends the container and forgets its files. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    this.#onEnd();
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#lifetimeTimer);
    // Before `started`, which waits for the process to become healthy or to end.
    await this.#process?.end();
    await this.#started.catch(() => {});
    await this.#process?.end();
    await rm(this.#scratch, { recursive: true, force: true });
  }

  async #start(): Promise<AgentProcess> {
    const { region, runtimeArn, version, runtimeId, endpointName } = this.options;
    const { definition, artifact } = version;
    const { maxLifetime } = lifecycleOf(definition);
    const credentials = assumeExecutionRole(this.#aws, region, runtimeArn, definition.roleArn, maxLifetime);
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    const write = openLogStream(this.#aws, credentials.principal, {
      region,
      group: `/aws/bedrock-agentcore/runtimes/${runtimeId}-${endpointName}`,
      stream: `${day}/[runtime-logs]${randomUUID()}`,
    });
    const env = {
      ...observabilityVariables(this.options),
      ...this.#aws.runtimeEnvironment,
      ...definition.environmentVariables,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
      AWS_ENDPOINT_URL: this.#aws.endpoint,
    };
    this.#aws.observe?.({ kind: 'environment', of: 'runtime', name: runtimeId, variables: env });
    const process = await AgentProcess.start({ artifact, scratch: this.#scratch, onLine: write, env });
    this.#process = process;
    if (this.#ended) await process.end();
    void process.exited.then(() => this.end());
    this.#lifetimeTimer = setTimeout(() => void this.end(), maxLifetime * 1000).unref();
    if (await process.healthy()) return process;
    // AWS says this of a container that ended at its start, too.
    throw new AwsError(
      'RuntimeClientError',
      'Runtime initialization time exceeded. Please make sure that initialization completes in 120s.',
      424,
    );
  }

  #waitForIdle(): void {
    if (this.#ended) return;
    const { idleRuntimeSessionTimeout } = lifecycleOf(this.options.version.definition);
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => void this.#endIfIdle(), idleRuntimeSessionTimeout * 1000).unref();
  }

  async #endIfIdle(): Promise<void> {
    const status = await this.#process?.ping();
    if (this.#inFlight > 0) return;
    if (status === 'HealthyBusy') this.#waitForIdle();
    else await this.end();
  }
}

/** Seen by others in every container, whether or not anybody wants traces; of OTLP's endpoints, AgentCore names none. */
function observabilityVariables({ runtimeArn, runtimeId, endpointName }: SessionOptions): Record<string, string> {
  const logGroup = `/aws/bedrock-agentcore/runtimes/${runtimeId}-${endpointName}`;
  const resource = {
    'service.name': `${runtimeId.replace(/-[^-]*$/, '')}.${endpointName}`,
    'aws.service.type': 'gen_ai_agent',
    'aws.log.group.names': logGroup,
    'cloud.platform': 'aws_bedrock_agentcore',
    'cloud.resource_id': `${runtimeArn}/runtime-endpoint/${endpointName}:${endpointName}`,
  };
  return {
    AGENT_OBSERVABILITY_ENABLED: 'true',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_RESOURCE_ATTRIBUTES: Object.entries(resource)
      .map((pair) => pair.join('='))
      .join(','),
    OTEL_EXPORTER_OTLP_LOGS_HEADERS: `x-aws-log-group=${logGroup},x-aws-log-stream=otel-rt-logs`,
  };
}
