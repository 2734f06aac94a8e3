import { randomInt } from 'node:crypto';
import type { Aws } from '../aws.ts';
import { AwsError } from '../errors.ts';
import type { RawOutput } from '../http/rest-json.ts';
import { keepLast } from '../keep-last.ts';
import type { Call } from '../service.ts';
import { AgentSession } from './agent-session.ts';
import { agentCoreArns } from './arns.ts';
import { headerNames, invoke, sessionIdOf } from './invocation.ts';
import { checkTags, type Tags } from './resource-tags.ts';
import {
  checkDefinition,
  checkRuntimeName,
  type RuntimeArtifact,
  type RuntimeDefinition,
} from './runtime-definition.ts';
import { networkContext } from './runtime-network.ts';
import { checkLength, checkPattern } from './validation.ts';

/** A version of a runtime, which never changes. */
export interface RuntimeVersion {
  /** `1`, `2`, … */
  readonly version: string;
  readonly definition: RuntimeDefinition;
  readonly artifact: RuntimeArtifact;
  readonly created: Date;
  /** What is made here is `READY` at once; a test may say otherwise, as AWS does of a version that failed. */
  status: 'READY' | 'CREATE_FAILED' | 'UPDATE_FAILED';
}

/** Which version an invocation reached; neither what was asked nor what was answered. */
export interface InvocationRecord {
  readonly runtimeArn: string;
  readonly endpointName: string;
  readonly sessionId: string;
  readonly version: string;
}

/** A name under which a version of a runtime is invoked. */
export interface RuntimeEndpoint {
  readonly name: string;
  readonly arn: string;
  readonly created: Date;
  readonly updated: Date;
  readonly version: string;
  readonly description?: string;
}

/** A runtime as deployed. */
export interface AgentRuntime {
  readonly region: string;
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly created: Date;
  readonly workloadIdentity: { readonly name: string; readonly arn: string };
  /** Oldest first. */
  readonly versions: RuntimeVersion[];
  readonly endpoints: Map<string, RuntimeEndpoint>;
}

/** Who makes a runtime, and where. */
export type Maker = Pick<Call, 'region' | 'authorize'>;

/** The endpoint that every runtime has, and that follows its newest version. */
export const defaultEndpoint = 'DEFAULT';
const idLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Agent runtimes by Region, their versions and endpoints, and the sessions that run on them. */
export class AgentRuntimes {
  readonly #aws: Aws;
  readonly #runtimes = new Map<string, AgentRuntime>();
  /** Oldest first. */
  readonly invocations: InvocationRecord[] = [];
  readonly #sessions = new Map<string, AgentSession>();
  readonly #ending = new Set<Promise<void>>();
  #closed = false;

  constructor(aws: Aws) {
    this.#aws = aws;
  }

  /**
   * `CreateAgentRuntime`: version 1, the endpoint DEFAULT and a workload identity of its own.
   *
   * @throws AwsError ValidationException, ConflictException (name), AccessDeniedException
   */
  create(maker: Maker, name: unknown, definition: RuntimeDefinition, tags: Tags = {}): AgentRuntime {
    const { region } = maker;
    checkRuntimeName(name);
    checkTags(tags);
    maker.authorize('bedrock-agentcore:CreateAgentRuntime', '*', networkContext(definition.networkConfiguration));
    if (this.list(region).some((runtime) => runtime.name === name)) {
      throw new AwsError('ConflictException', `An agent with the specified name already exists: ${name}`, 409);
    }
    const id = `${name}-${randomLetters(10)}`;
    const arns = agentCoreArns(this.#aws, region);
    const arn = arns.runtime(id);
    if (Object.keys(tags).length > 0) maker.authorize('bedrock-agentcore:TagResource', arn);
    const version = this.#version(maker, arn, '1', definition);
    const { created } = version;
    const runtime: AgentRuntime = {
      region,
      id,
      name,
      arn,
      created,
      workloadIdentity: this.#aws.workloadIdentities.createServiceLinked(region, id),
      versions: [version],
      endpoints: new Map(),
    };
    this.#runtimes.set(keyOf(region, id), runtime);
    this.#aws.credentialProviders.tags.add(arn, tags);
    this.#putEndpoint(runtime, { name: defaultEndpoint, version: '1', created });
    return runtime;
  }

  /**
   * `UpdateAgentRuntime`: a new version, which DEFAULT follows; sessions stay on the version they began with.
   *
   * @throws AwsError ValidationException, also for code in the place of an image or the other way round;
   * ResourceNotFoundException, AccessDeniedException
   */
  update(maker: Maker, id: string, definition: RuntimeDefinition): AgentRuntime {
    const { region } = maker;
    const runtime = this.find(region, id);
    maker.authorize(
      'bedrock-agentcore:UpdateAgentRuntime',
      runtime.arn,
      networkContext(definition.networkConfiguration),
    );
    const version = this.#version(maker, runtime.arn, String(runtime.versions.length + 1), definition);
    // Seen by others: https://github.com/hashicorp/terraform-provider-aws/pull/45091
    if (version.artifact.kind !== versionOf(runtime, undefined).artifact.kind) {
      throw new AwsError('ValidationException', 'Agent artifact type cannot be updated');
    }
    runtime.versions.push(version);
    this.#putEndpoint(runtime, { name: defaultEndpoint, version: version.version, created: runtime.created });
    return runtime;
  }

  /** `DeleteAgentRuntime`: ends its sessions; deleting what is gone succeeds. */
  async delete(maker: Maker, id: string): Promise<void> {
    const { region } = maker;
    maker.authorize('bedrock-agentcore:DeleteAgentRuntime', agentCoreArns(this.#aws, region).runtime(id));
    const runtime = this.#runtimes.get(keyOf(region, id));
    if (!runtime) return;
    this.#runtimes.delete(keyOf(region, id));
    const { tags } = this.#aws.credentialProviders;
    for (const { arn } of runtime.endpoints.values()) tags.remove(arn);
    tags.remove(runtime.arn);
    this.#aws.workloadIdentities.remove(region, runtime.workloadIdentity.name);
    await this.#endSessions(({ runtimeArn }) => runtimeArn === runtime.arn);
  }

  /**
   * `CreateAgentRuntimeEndpoint` and `UpdateAgentRuntimeEndpoint`.
   *
   * @param version the newest when undefined
   */
  putEndpoint(
    maker: Maker,
    mode: 'create' | 'update',
    id: string,
    endpoint: { name: unknown; version?: string; description?: string; tags?: Tags },
  ): RuntimeEndpoint {
    const { region } = maker;
    const { name, tags = {}, description } = endpoint;
    checkPattern('name', name, '[a-zA-Z][a-zA-Z0-9_]{0,47}');
    checkTags(tags);
    const runtime = this.find(region, id);
    const arn = agentCoreArns(this.#aws, region).runtimeEndpoint(id, name);
    if (mode === 'create') maker.authorize('bedrock-agentcore:CreateAgentRuntimeEndpoint', runtime.arn);
    else maker.authorize('bedrock-agentcore:UpdateAgentRuntimeEndpoint', [runtime.arn, arn]);
    if (Object.keys(tags).length > 0) maker.authorize('bedrock-agentcore:TagResource', arn);
    const earlier = runtime.endpoints.get(name);
    if (mode === 'create' && earlier) {
      throw new AwsError('ConflictException', `An endpoint with the specified name already exists: ${name}`, 409);
    }
    if (mode === 'update' && !earlier) throw endpointNotFound(name);
    const { version } = versionOf(runtime, endpoint.version);
    return this.#putEndpoint(
      runtime,
      { name, version, created: earlier?.created ?? new Date(), ...(description ? { description } : {}) },
      tags,
    );
  }

  /** `DeleteAgentRuntimeEndpoint`: ends its sessions; deleting what is gone succeeds. */
  async deleteEndpoint(maker: Maker, id: string, name: string): Promise<void> {
    const { region } = maker;
    const arns = agentCoreArns(this.#aws, region);
    const arn = arns.runtimeEndpoint(id, name);
    maker.authorize('bedrock-agentcore:DeleteAgentRuntimeEndpoint', [arns.runtime(id), arn]);
    if (!this.#runtimes.get(keyOf(region, id))?.endpoints.delete(name)) return;
    this.#aws.credentialProviders.tags.remove(arn);
    await this.#endSessions(({ runtimeId, endpointName }) => runtimeId === id && endpointName === name);
  }

  /** @throws AwsError ResourceNotFoundException */
  find(region: string, id: string): AgentRuntime {
    const runtime = this.#runtimes.get(keyOf(region, id));
    if (runtime) return runtime;
    const arn = agentCoreArns(this.#aws, region).runtime(id);
    throw new AwsError('ResourceNotFoundException', `No agent found with agentRuntimeId: ${id} (${arn})`, 404);
  }

  /** A Region's runtimes, oldest first. */
  list(region: string): readonly AgentRuntime[] {
    return [...this.#runtimes.values()].filter((runtime) => runtime.region === region);
  }

  /** `InvokeAgentRuntime`: the container's own answer, streamed. */
  async invoke(call: Call, runtimeArnOrId: string, payload: Buffer): Promise<RawOutput> {
    const { runtime, endpoint } = this.#target(call, runtimeArnOrId, 'InvokeAgentRuntime');
    const sessionId = sessionIdOf(call);
    const userId = call.request.headers[headerNames.userId];
    if (userId !== undefined) {
      checkLength('runtimeUserId', userId, 1, 1024);
      this.#target(call, runtimeArnOrId, 'InvokeAgentRuntimeForUser');
    }
    // Without a user, AgentCore gives the container no token: it would stand for nobody.
    const token =
      userId === undefined
        ? undefined
        : this.#aws.workloadIdentities.issueToken(call.region, runtime.workloadIdentity.name, userId);
    const session = this.#session(runtime, endpoint, sessionId);
    keepLast(10_000, this.invocations).push({
      runtimeArn: runtime.arn,
      endpointName: endpoint.name,
      sessionId,
      version: session.options.version.version,
    });
    return invoke(session, call, payload, token);
  }

  /**
   * `StopRuntimeSession`: returns when its container has ended.
   *
   * @throws AwsError ResourceNotFoundException
   */
  async stopSession(call: Call, runtimeArnOrId: string): Promise<string> {
    const { runtime, endpoint } = this.#target(call, runtimeArnOrId, 'StopRuntimeSession');
    const sessionId = sessionIdOf(call);
    const session = this.#sessions.get(sessionKey(runtime, endpoint, sessionId));
    if (!session) throw new AwsError('ResourceNotFoundException', `Session ${sessionId} not found`, 404);
    await session.end();
    return sessionId;
  }

  /** Ends every session's process. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#endSessions(() => true);
    await Promise.all(this.#ending);
  }

  #version(maker: Maker, arn: string, version: string, definition: RuntimeDefinition): RuntimeVersion {
    const passedRole = definition.roleArn ?? '';
    maker.authorize('iam:PassRole', passedRole, { 'iam:PassedToService': 'bedrock-agentcore.amazonaws.com' });
    const artifact = checkDefinition(this.#aws, maker, arn, definition);
    return { version, definition, artifact, created: new Date(), status: 'READY' };
  }

  #putEndpoint(
    runtime: AgentRuntime,
    endpoint: Omit<RuntimeEndpoint, 'arn' | 'updated'>,
    tags?: Tags,
  ): RuntimeEndpoint {
    const arn = agentCoreArns(this.#aws, runtime.region).runtimeEndpoint(runtime.id, endpoint.name);
    const put = { ...endpoint, arn, updated: new Date() };
    if (tags || !runtime.endpoints.has(endpoint.name)) this.#aws.credentialProviders.tags.add(arn, tags);
    runtime.endpoints.set(endpoint.name, put);
    return put;
  }

  /** The runtime and endpoint that a call means, when the caller may take the action on both. */
  #target(call: Call, runtimeArnOrId: string, action: string) {
    const arns = agentCoreArns(this.#aws, call.region);
    const arnStart = arns.runtime('');
    const id = runtimeArnOrId.startsWith(arnStart) ? runtimeArnOrId.slice(arnStart.length) : runtimeArnOrId;
    const name = call.request.query.get('qualifier') ?? defaultEndpoint;
    call.authorize(`bedrock-agentcore:${action}`, [arns.runtime(id), arns.runtimeEndpoint(id, name)]);
    const runtime = this.find(call.region, id);
    const endpoint = runtime.endpoints.get(name);
    if (!endpoint) throw endpointNotFound(name);
    return { runtime, endpoint };
  }

  #session(runtime: AgentRuntime, endpoint: RuntimeEndpoint, sessionId: string): AgentSession {
    const key = sessionKey(runtime, endpoint, sessionId);
    const earlier = this.#sessions.get(key);
    if (earlier) return earlier;
    if (this.#closed) throw new AwsError('ServiceQuotaExceededException', 'local-aws is shutting down.', 402);
    const session: AgentSession = new AgentSession(
      this.#aws,
      {
        region: runtime.region,
        runtimeId: runtime.id,
        runtimeArn: runtime.arn,
        endpointName: endpoint.name,
        sessionId,
        version: versionOf(runtime, endpoint.version),
      },
      () => {
        if (this.#sessions.get(key) === session) this.#sessions.delete(key);
        const ending = Promise.resolve().then(() => session.end());
        this.#ending.add(ending);
        void ending.finally(() => this.#ending.delete(ending));
      },
    );
    this.#sessions.set(key, session);
    return session;
  }

  async #endSessions(which: (options: AgentSession['options']) => boolean): Promise<void> {
    await Promise.all(
      [...this.#sessions.values()].filter(({ options }) => which(options)).map((session) => session.end()),
    );
  }
}

/**
 * A version of a runtime, the newest when none is named.
 *
 * @throws AwsError ResourceNotFoundException
 */
export function versionOf(runtime: AgentRuntime, version: string | undefined): RuntimeVersion {
  const found = version === undefined ? runtime.versions.at(-1) : runtime.versions.find((v) => v.version === version);
  if (found) return found;
  throw new AwsError('ResourceNotFoundException', `No version ${version} of the agent ${runtime.id}`, 404);
}

/** The error for an endpoint, or a qualifier, that a runtime does not have. */
export function endpointNotFound(name: string): AwsError {
  return new AwsError('ResourceNotFoundException', `No endpoint or agent found with qualifier '${name}'`, 404);
}

function sessionKey({ arn }: AgentRuntime, { name }: RuntimeEndpoint, sessionId: string): string {
  return `${arn} ${name} ${sessionId}`;
}

function randomLetters(length: number): string {
  return Array.from({ length }, () => idLetters[randomInt(idLetters.length)]).join('');
}

function keyOf(region: string, id: string): string {
  return `${region} ${id}`;
}
