import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { AwsError, notSupported } from '../errors.ts';
import type { ConditionContext } from './conditions.ts';
import { CustomerPolicies } from './customer-policies.ts';
import { managedPolicies } from './managed-policies.ts';
import {
  type Decision,
  evaluate,
  evaluateResourcePolicy,
  matchesRequest,
  type PolicyDocument,
  type Statement,
  statementsOf,
  trusts,
} from './policy.ts';
import type { Principal } from './principal.ts';

/** A role as deployed. */
export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly created: Date;
  readonly trustPolicy: PolicyDocument;
  readonly managedPolicyArns: readonly string[];
  /** ARN of the managed policy that bounds what the others allow. */
  readonly permissionsBoundary: string | undefined;
  /** Inline policies by name: the role's own and those that AWS::IAM::Policy attaches. */
  readonly inlinePolicies: Map<string, PolicyDocument>;
}

/** Temporary credentials of a role. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
  readonly principal: Principal;
}

/** One question that was put to the policies, and their answer. */
export interface Authorization {
  readonly at: Date;
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  readonly context: ConditionContext;
  readonly decision: Decision;
  /** The principal's own statements at that time. */
  readonly statements: readonly Statement[];
  /** The statements of its permissions boundary, where it has one. */
  readonly boundary?: readonly Statement[];
  /** The one of them that allowed it; missing for the administrator, and where the resource's own policy did. */
  readonly allowedBy?: Statement;
  /** The principal's call that the question belongs to: `GetResourceApiKey`, where the service then reads the secret. */
  readonly operation?: string;
}

/** One question whether an AWS service may take a role, and its answer. */
export interface Assumption {
  readonly roleArn: string;
  readonly service: string;
  readonly context: ConditionContext;
  readonly trustPolicy: PolicyDocument;
  readonly allowed: boolean;
}

/** What is kept from the moment of `Iam.record` on, in order. Neither input nor output of a call is in it. */
export interface Recording {
  readonly authorizations: Authorization[];
  readonly assumptions: Assumption[];
}

const issuedKeyPrefix = 'ASIALOCAL';

/** The account's roles, the credentials given out for them, and the judge of every call. */
export class Iam {
  readonly #account: string;
  readonly #administratorKey: string | undefined;
  readonly #roles = new Map<string, Role>();
  readonly #credentials = new Map<string, Credentials>();
  /** The account's own managed policies; those of AWS are there without being made. */
  readonly customerPolicies: CustomerPolicies;
  readonly #recordings: Recording[] = [];
  readonly #calls = new AsyncLocalStorage<{ readonly caller: Principal; readonly operation: string | undefined }>();

  /** @param administratorKey the only foreign access key that counts; undefined: every one does */
  constructor(account: string, administratorKey?: string) {
    this.#account = account;
    this.customerPolicies = new CustomerPolicies(account);
    this.#administratorKey = administratorKey;
  }

  /** Keeps every question that is put to the policies from now on: the proof of least privilege is made from it. */
  record(): Recording {
    const recording: Recording = { authorizations: [], assumptions: [] };
    this.#recordings.push(recording);
    return recording;
  }

  /** Runs a call of a principal, to which the questions that come up in it belong. */
  during<T>(caller: Principal, operation: string | undefined, call: () => Promise<T>): Promise<T> {
    return this.#calls.run({ caller, operation }, call);
  }

  /** The account's administrator: whoever calls with keys that local-aws did not issue. */
  get administrator(): Principal {
    return {
      kind: 'administrator',
      arn: `arn:aws:iam::${this.#account}:user/local-administrator`,
      userId: 'AIDALOCALADMINISTRATOR',
    };
  }

  roleArn(name: string, path = '/'): string {
    return `arn:aws:iam::${this.#account}:role${path}${name}`;
  }

  /**
   * Creates a role or replaces its trust policy, managed policies and boundary; inline policies stay unless given.
   *
   * @throws AwsError NoSuchEntity for a boundary that is not there
   */
  putRole(role: {
    name: string;
    path?: string;
    trustPolicy: PolicyDocument;
    managedPolicyArns?: readonly string[];
    permissionsBoundary?: string | undefined;
    inlinePolicies?: Readonly<Record<string, PolicyDocument>>;
  }): Role {
    for (const arn of role.managedPolicyArns ?? []) this.#managedStatements(arn);
    const { permissionsBoundary } = role;
    if (permissionsBoundary !== undefined) this.#managedStatements(permissionsBoundary);
    const earlier = this.#roles.get(role.name);
    const put: Role = {
      name: role.name,
      arn: this.roleArn(role.name, role.path),
      id: earlier?.id ?? `AROALOCAL${randomBytes(6).toString('hex').toUpperCase()}`,
      created: earlier?.created ?? new Date(),
      trustPolicy: role.trustPolicy,
      managedPolicyArns: role.managedPolicyArns ?? [],
      permissionsBoundary,
      inlinePolicies: new Map(role.inlinePolicies ? Object.entries(role.inlinePolicies) : earlier?.inlinePolicies),
    };
    this.#roles.set(role.name, put);
    return put;
  }

  /** @throws AwsError NoSuchEntity */
  role(nameOrArn: string): Role {
    const role = this.findRole(nameOrArn);
    if (!role) throw new AwsError('NoSuchEntity', `The role ${nameOrArn} cannot be found.`, 404);
    return role;
  }

  findRole(nameOrArn: string): Role | undefined {
    const name = nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1) : nameOrArn;
    const role = this.#roles.get(name);
    return role && (name === nameOrArn || role.arn === nameOrArn) ? role : undefined;
  }

  roles(): readonly Role[] {
    return [...this.#roles.values()];
  }

  /** Removes a role; the credentials given out for it stop working at once. */
  deleteRole(name: string): void {
    const role = this.#roles.get(name);
    if (!role) return;
    this.#roles.delete(name);
    for (const [accessKeyId, { principal }] of this.#credentials) {
      if (principal.roleArn === role.arn) this.#credentials.delete(accessKeyId);
    }
  }

  /**
   * `sts:AssumeRole` by a caller of this account. A trust policy that names the caller is enough; one that names the
   * whole account leaves it to the caller's own policies.
   *
   * @throws AwsError AccessDenied when the role does not exist, or the role's trust policy or the caller's own policies
   * do not allow it
   */
  assumeRole(
    caller: Principal,
    roleArn: string,
    sessionName: string,
    { durationSeconds = 3600, context = {} }: { durationSeconds?: number; context?: ConditionContext } = {},
  ): Credentials {
    const role = this.findRole(roleArn);
    const trustContext = { 'aws:PrincipalArn': caller.roleArn ?? caller.arn, ...context };
    const isTrusted = (names: readonly string[]) =>
      role !== undefined && trusts(statementsOf(role.trustPolicy), 'sts:AssumeRole', 'AWS', names, trustContext);
    const self = [caller.roleArn ?? caller.arn, caller.arn];
    const question = ['sts:AssumeRole', roleArn, this.#contextOf(caller, context)] as const;
    const own = within(this.#boundary(caller, ...question), this.#decide(caller, ...question));
    const allowed = isTrusted([...self, `arn:aws:iam::${this.#account}:root`, this.#account])
      ? own === 'allowed' || (own === 'implicitly denied' && isTrusted(self))
      : false;
    const [action, , fullContext] = question;
    this.#keep(
      caller,
      action,
      roleArn,
      fullContext,
      allowed ? 'allowed' : own === 'allowed' ? 'implicitly denied' : own,
    );
    if (!role || !allowed) {
      throw new AwsError(
        'AccessDenied',
        `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
        403,
      );
    }
    return this.#issue(role, sessionName, durationSeconds);
  }

  /**
   * The credentials that an AWS service hands to the code it runs for a role.
   *
   * @param servicePrincipal for example `lambda.amazonaws.com`
   * @param context the condition keys that the service passes, such as `aws:SourceAccount`
   * @param lifetimeSeconds of the credentials: as long as the code may run that gets them
   * @throws AwsError AccessDenied when the role does not exist or does not trust the service
   */
  assumeRoleAsService(
    roleArn: string,
    servicePrincipal: string,
    sessionName: string,
    context: ConditionContext = {},
    lifetimeSeconds?: number,
  ): Credentials {
    const role = this.findRole(roleArn);
    const allowed =
      role !== undefined &&
      trusts(statementsOf(role.trustPolicy), 'sts:AssumeRole', 'Service', [servicePrincipal], context);
    for (const { assumptions } of role ? this.#recordings : []) {
      const { trustPolicy } = role as Role;
      assumptions.push({ roleArn, service: servicePrincipal, context, trustPolicy, allowed });
    }
    if (!role || !allowed) {
      throw new AwsError(
        'AccessDenied',
        `The role ${roleArn} ${role ? `does not trust ${servicePrincipal}` : 'does not exist'}: it cannot be assumed.`,
        403,
      );
    }
    return this.#issue(role, sessionName, lifetimeSeconds);
  }

  /**
   * Who calls with an access key. Keys that local-aws did not issue are the account's administrator, so that any AWS
   * client works (unless it was told which one is); keys that it did issue count for their role only, and only while that role exists.
   *
   * @throws AwsError InvalidClientTokenId, ExpiredToken
   */
  principalOf(accessKeyId: string): Principal {
    const isAdministrator =
      this.#administratorKey === undefined
        ? !accessKeyId.startsWith(issuedKeyPrefix)
        : accessKeyId === this.#administratorKey;
    if (isAdministrator) return this.administrator;
    const credentials = this.#credentials.get(accessKeyId);
    if (!credentials) {
      throw new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
    }
    if (credentials.expiration.getTime() < Date.now()) {
      throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired', 403);
    }
    return credentials.principal;
  }

  /**
   * Checks that a principal may take an action on all of the resources, by the policies as they are deployed now.
   *
   * @param resourcePolicy the resource's own policy, where it has one: in one account it is enough that either allows
   * @throws AwsError AccessDeniedException naming the principal, the action and the first resource that is refused
   */
  authorize(
    principal: Principal,
    action: string,
    resources: string | readonly string[],
    context: ConditionContext = {},
    resourcePolicy?: PolicyDocument,
  ): void {
    const fullContext = this.#contextOf(principal, context);
    for (const resource of typeof resources === 'string' ? [resources] : resources) {
      const own = this.#decide(principal, action, resource, fullContext);
      const ofResource = resourcePolicy
        ? evaluateResourcePolicy(
            statementsOf(resourcePolicy),
            'AWS',
            [principal.roleArn ?? principal.arn, principal.arn],
            action,
            resource,
            fullContext,
          )
        : 'implicitly denied';
      const unbounded = together(own, ofResource);
      // A resource's policy that names the session, not its role, would not be bounded on AWS; here it is.
      const decision = within(this.#boundary(principal, action, resource, fullContext), unbounded);
      this.#keep(principal, action, resource, fullContext, decision);
      if (decision === 'allowed') continue;
      const because =
        decision === 'explicitly denied'
          ? `with an explicit deny in ${own === decision ? 'an identity-based policy' : ofResource === decision ? 'a resource-based policy' : 'a permissions boundary'}`
          : `because no ${unbounded === 'allowed' ? 'permissions boundary' : 'identity-based policy'} allows the ${action} action`;
      throw new AwsError(
        'AccessDeniedException',
        `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${because}`,
        403,
      );
    }
  }

  /**
   * What the policies of a user or role say of an action, without anybody taking it.
   *
   * @param principalArn the administrator's or a role's own, not that of a session
   * @throws AwsError NoSuchEntity
   */
  simulate(principalArn: string, action: string, resource: string): Decision {
    if (principalArn === this.administrator.arn) return 'allowed';
    const { arn, id } = this.role(principalArn);
    const principal: Principal = { kind: 'role', arn, userId: id, roleArn: arn };
    const context = this.#contextOf(principal, {});
    const decision = this.#decide(principal, action, resource, context);
    return within(this.#boundary(principal, action, resource, context), decision);
  }

  /** The statements that count for a principal of the kind `role`. */
  statementsFor({ roleArn }: Principal): readonly Statement[] {
    const role = roleArn ? this.findRole(roleArn) : undefined;
    if (!role) return [];
    return [
      ...role.managedPolicyArns.flatMap((arn) => this.#managedStatements(arn)),
      ...[...role.inlinePolicies.values()].flatMap(statementsOf),
    ];
  }

  /** @throws AwsError DeleteConflict while a role has it */
  deleteCustomerPolicy(arn: string): void {
    const uses = ({ managedPolicyArns, permissionsBoundary }: Role) =>
      permissionsBoundary === arn || managedPolicyArns.includes(arn);
    if (this.roles().some(uses)) {
      throw new AwsError('DeleteConflict', 'Cannot delete a policy attached to entities.', 409);
    }
    this.customerPolicies.delete(arn);
  }

  #managedStatements(arn: string): readonly Statement[] {
    const statements = managedPolicies[arn] ?? this.customerPolicies.statements(arn);
    if (statements) return statements;
    if (arn.startsWith('arn:aws:iam::aws:')) throw notSupported(`the managed policy ${arn}`);
    throw new AwsError('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`, 404);
  }

  /** What the permissions boundary of a principal says: it allows nothing by itself, and takes what it does not name. */
  #boundary(principal: Principal, action: string, resource: string, context: ConditionContext): Decision {
    const boundary = this.#boundaryFor(principal);
    return boundary ? evaluate(boundary, action, resource, context) : 'allowed';
  }

  #boundaryFor({ roleArn }: Principal): readonly Statement[] | undefined {
    const arn = roleArn && this.findRole(roleArn)?.permissionsBoundary;
    return arn ? this.#managedStatements(arn) : undefined;
  }

  #keep(principal: Principal, action: string, resource: string, context: ConditionContext, decision: Decision): void {
    if (this.#recordings.length === 0) return;
    const statements = this.statementsFor(principal);
    const boundary = this.#boundaryFor(principal);
    const allowedBy = statements.find(
      (statement) => statement.Effect === 'Allow' && matchesRequest(statement, action, resource, context),
    );
    const call = this.#calls.getStore();
    const operation = call?.caller.arn === principal.arn ? call.operation : undefined;
    const at = new Date();
    for (const { authorizations } of this.#recordings) {
      authorizations.push({
        at,
        principal,
        action,
        resource,
        context,
        decision,
        statements,
        ...(boundary && { boundary }),
        ...(allowedBy && decision === 'allowed' ? { allowedBy } : {}),
        ...(operation === undefined ? {} : { operation }),
      });
    }
  }

  #decide(principal: Principal, action: string, resource: string, context: ConditionContext): Decision {
    if (principal.kind === 'administrator') return 'allowed';
    return evaluate(this.statementsFor(principal), action, resource, context);
  }

  #contextOf(principal: Principal, context: ConditionContext): ConditionContext {
    return {
      'aws:PrincipalArn': principal.roleArn ?? principal.arn,
      'aws:PrincipalAccount': this.#account,
      'aws:ViaAWSService': String(principal.via !== undefined),
      // Loopback stands for TLS: no policy that asks for it is to fail here.
      'aws:SecureTransport': 'true',
      // Every resource here is in the one account.
      'aws:ResourceAccount': this.#account,
      's3:ResourceAccount': this.#account,
      ...context,
    };
  }

  #issue(role: Role, sessionName: string, durationSeconds = 3600): Credentials {
    const credentials: Credentials = {
      accessKeyId: `${issuedKeyPrefix}${randomBytes(6).toString('hex').toUpperCase().slice(0, 11)}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(48).toString('base64'),
      expiration: new Date(Date.now() + durationSeconds * 1000),
      principal: {
        kind: 'role',
        arn: `arn:aws:sts::${this.#account}:assumed-role/${role.name}/${sessionName}`,
        userId: `${role.id}:${sessionName}`,
        roleArn: role.arn,
      },
    };
    this.#credentials.set(credentials.accessKeyId, credentials);
    return credentials;
  }
}

function together(...decisions: readonly Decision[]): Decision {
  return (
    decisions.find((each) => each === 'explicitly denied') ??
    decisions.find((each) => each === 'allowed') ??
    'implicitly denied'
  );
}

/** What is left of a decision within a boundary: the intersection of both. */
function within(boundary: Decision, decision: Decision): Decision {
  return boundary === 'explicitly denied' || decision === 'allowed' ? boundary : decision;
}
