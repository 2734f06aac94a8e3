import { randomBytes } from 'node:crypto';
import type {
  CreateWorkloadIdentityRequest,
  UpdateWorkloadIdentityRequest,
} from '@aws-sdk/client-bedrock-agentcore-control';
import type { Aws } from '../aws.ts';
import { AwsError } from '../errors.ts';
import type { Call } from '../service.ts';
import { agentCoreArns } from './arns.ts';
import { page, seconds } from './page.ts';
import { checkTags } from './resource-tags.ts';
import { checkLength, checkPattern } from './validation.ts';

/** Where a call is made, and what checks it. */
type Caller = Pick<Call, 'region' | 'authorize'>;

interface WorkloadIdentity {
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly created: Date;
  updated: Date;
  allowedResourceOauth2ReturnUrls: readonly string[];
  /** The service that it belongs to, which alone can get tokens for it. */
  readonly serviceLinked: boolean;
}

/** What a workload access token stands for. */
export interface TokenSubject {
  readonly workloadName: string;
  readonly userId?: string;
}

interface Token {
  readonly identity: WorkloadIdentity;
  readonly userId?: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Milliseconds. AWS documents no lifetime. */
const tokenLifetime = 3_600_000;

/** Workload identities by Region, and the access tokens that stand for them. */
export class WorkloadIdentities {
  readonly #aws: Aws;
  readonly #identities = new Map<string, WorkloadIdentity>();
  readonly #tokens = new Map<string, Token>();

  constructor(aws: Aws) {
    this.#aws = aws;
  }

  /** `CreateWorkloadIdentity`. */
  create(call: Caller, input: CreateWorkloadIdentityRequest) {
    checkName(input.name);
    checkTags(input.tags ?? {});
    this.#authorize(call, 'CreateWorkloadIdentity', input.name);
    const { arn } = this.#identities.get(keyOf(call.region, input.name)) ?? {};
    if (arn) {
      throw new AwsError('ValidationException', `WorkloadIdentity with name: ${input.name} already exists`);
    }
    const identity = this.#add(call.region, input.name, false, input.allowedResourceOauth2ReturnUrls ?? []);
    this.#aws.credentialProviders.tags.add(identity.arn, input.tags ?? {});
    const { createdTime: _created, lastUpdatedTime: _updated, ...output } = describe(identity);
    return output;
  }

  /** The identity that AgentCore makes for a runtime: nobody can get a token for it. */
  createServiceLinked(region: string, name: string): { readonly name: string; readonly arn: string } {
    const identity = this.#add(region, name, true, []);
    this.#aws.credentialProviders.tags.add(identity.arn);
    return identity;
  }

  has(region: string, name: string): boolean {
    return this.#identities.has(keyOf(region, name));
  }

  /** `GetWorkloadIdentity`. */
  get(call: Caller, { name }: { name?: unknown }) {
    checkName(name);
    this.#authorize(call, 'GetWorkloadIdentity', name);
    return describe(this.#find(call.region, name));
  }

  /** `UpdateWorkloadIdentity`. */
  update(call: Caller, input: UpdateWorkloadIdentityRequest) {
    checkName(input.name);
    this.#authorize(call, 'UpdateWorkloadIdentity', input.name);
    const identity = this.#find(call.region, input.name);
    identity.allowedResourceOauth2ReturnUrls = input.allowedResourceOauth2ReturnUrls ?? [];
    identity.updated = new Date();
    return describe(identity);
  }

  /** `DeleteWorkloadIdentity`: its tokens end with it. */
  delete(call: Caller, { name }: { name?: unknown }): void {
    checkName(name);
    this.#authorize(call, 'DeleteWorkloadIdentity', name);
    const identity = this.#find(call.region, name);
    if (identity.serviceLinked) {
      throw new AwsError(
        'ValidationException',
        'WorkloadIdentity is linked to a service and cannot be deleted by the caller',
      );
    }
    this.remove(call.region, name);
  }

  /** Removes an identity for the service that owns it. */
  remove(region: string, name: string): void {
    const identity = this.#identities.get(keyOf(region, name));
    if (!identity) return;
    this.#identities.delete(keyOf(region, name));
    this.#aws.credentialProviders.tags.remove(identity.arn);
    for (const [token, subject] of this.#tokens) if (subject.identity === identity) this.#tokens.delete(token);
  }

  /** `ListWorkloadIdentities`, by name. */
  list(call: Caller, input: { maxResults?: number | null; nextToken?: string | null }) {
    this.#authorize(call, 'ListWorkloadIdentities', '*');
    const inRegion = [...this.#identities.values()]
      .filter(({ region }) => region === call.region)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const { items, nextToken } = page(inRegion, input);
    return {
      workloadIdentities: items.map(({ name, arn }) => ({ name, workloadIdentityArn: arn })),
      ...(nextToken ? { nextToken } : {}),
    };
  }

  /** `GetWorkloadAccessToken`, and with a user `GetWorkloadAccessTokenForUserId`. */
  getToken(call: Caller, input: { workloadName?: unknown; userId?: unknown }, forUser: boolean) {
    const { workloadName, userId } = input;
    checkPattern('workloadName', workloadName, '[A-Za-z0-9_.-]{3,255}');
    if (forUser) checkLength('userId', userId, 1, 128);
    this.#authorize(call, `GetWorkloadAccessToken${forUser ? 'ForUserId' : ''}`, workloadName);
    const identity = this.#find(call.region, workloadName);
    if (identity.serviceLinked) {
      throw new AwsError(
        'ValidationException',
        'WorkloadIdentity is linked to a service and cannot retrieve an access token by the caller',
      );
    }
    return {
      workloadAccessToken: this.issueToken(call.region, workloadName, forUser ? (userId as string) : undefined),
    };
  }

  /** A new token for an identity, good for an hour. */
  issueToken(region: string, workloadName: string, userId?: string): string {
    const now = Date.now();
    for (const [token, { expires }] of this.#tokens) if (expires < now) this.#tokens.delete(token);
    const token = randomBytes(96).toString('base64url');
    const identity = this.#find(region, workloadName);
    this.#tokens.set(token, { identity, expires: now + tokenLifetime, ...(userId === undefined ? {} : { userId }) });
    return token;
  }

  /**
   * What a token stands for.
   *
   * @throws AwsError UnauthorizedException for one that was not given out in this Region, is too old, or whose identity
   * is gone
   */
  readToken(region: string, token: string): TokenSubject {
    const found = this.#tokens.get(token);
    if (!found || found.identity.region !== region || found.expires < Date.now()) {
      throw new AwsError('UnauthorizedException', 'The workload identity token is invalid or has expired.', 401);
    }
    return { workloadName: found.identity.name, ...(found.userId === undefined ? {} : { userId: found.userId }) };
  }

  #authorize(call: Caller, action: string, name: string): void {
    const { workloadIdentityDirectory, workloadIdentity } = agentCoreArns(this.#aws, call.region);
    call.authorize(`bedrock-agentcore:${action}`, [workloadIdentityDirectory, workloadIdentity(name)]);
  }

  #add(region: string, name: string, serviceLinked: boolean, returnUrls: readonly string[]): WorkloadIdentity {
    const now = new Date();
    const identity: WorkloadIdentity = {
      region,
      name,
      arn: agentCoreArns(this.#aws, region).workloadIdentity(name),
      created: now,
      updated: now,
      allowedResourceOauth2ReturnUrls: returnUrls,
      serviceLinked,
    };
    this.#identities.set(keyOf(region, name), identity);
    return identity;
  }

  #find(region: string, name: string): WorkloadIdentity {
    const identity = this.#identities.get(keyOf(region, name));
    if (identity) return identity;
    throw new AwsError('ResourceNotFoundException', `WorkloadIdentity with name: ${name} not found`, 404);
  }
}

function checkName(name: unknown): asserts name is string {
  checkPattern('name', name, '[A-Za-z0-9_.-]{3,255}');
}

function describe({ name, arn, created, updated, allowedResourceOauth2ReturnUrls }: WorkloadIdentity) {
  return {
    name,
    workloadIdentityArn: arn,
    createdTime: seconds(created),
    lastUpdatedTime: seconds(updated),
    allowedResourceOauth2ReturnUrls,
  };
}

function keyOf(region: string, name: string): string {
  return `${region} ${name}`;
}
