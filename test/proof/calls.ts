import type { ConditionContext } from '../../local-aws/iam/conditions.ts';
import type { Assumption, Authorization, Recording } from '../../local-aws/iam/iam.ts';
import { evaluate, matchesRequest, type Statement } from '../../local-aws/iam/policy.ts';

/** One question that was put to a role's policies on the journey. */
export interface RecordedCall {
  /** Where on the journey: `replacement`. */
  readonly step: string;
  /** The call that the question belongs to; missing where AWS itself acts with the role, as for its logs. */
  readonly operation: string | undefined;
  readonly action: string;
  readonly resource: string;
  readonly context: ConditionContext;
  /** The role's statements at that time: one and the same list for all calls under one policy. */
  readonly statements: readonly Statement[];
  readonly allowed: boolean;
  readonly allowedBy: Statement | undefined;
}

/** Which role of the product it is, in whichever environment. */
export type RoleName = (typeof roleNames)[number];

export const roleNames = [
  'Execution role',
  'Handler',
  'Log group handler',
  'Invoker',
  'Deployer',
  'Diff',
  'CloudFormation',
  'Permissions boundary',
] as const;

/** The boundary of the roles that the stacks make, and of one that somebody has widened. */
export const bounds: RoleName = 'Permissions boundary';

/** The roles that the stacks make, which trust services. */
const rolesOfStacks: readonly RoleName[] = ['Execution role', 'Handler', 'Log group handler'];

/** A role of the product: what it may, and what it was seen to do. Further roles fit in by these three. */
export interface ProvenRole {
  readonly name: RoleName;
  /** Missing for a policy that somebody attaches to a role of their own. */
  readonly trust: readonly Assumption[] | undefined;
  readonly calls: readonly RecordedCall[];
  /** What was refused to it, on purpose. */
  readonly refused: readonly RecordedCall[];
}

/** The step in which what is meant to be refused is tried. */
export const refusals = 'refusals';

/** What a recording holds, by role. */
export function rolesOf(
  { authorizations, assumptions }: Recording,
  roleOf: (roleArn: string) => RoleName | undefined,
  stepOf: (authorization: Authorization, index: number) => string | undefined,
): ProvenRole[] {
  const policies = new Map<string, readonly Statement[]>();
  const calls = authorizations.flatMap((authorization, index) => {
    const { principal, operation, action, resource, context, boundary } = authorization;
    const role = roleOf(principal.roleArn ?? '');
    const step = stepOf(authorization, index);
    if (!role || step === undefined) return [];
    const judgedBy = (policy: readonly Statement[]): RecordedCall => {
      const text = JSON.stringify(policy);
      const statements = policies.get(text) ?? policy;
      policies.set(text, statements);
      const allowed = evaluate(statements, action, resource, context) === 'allowed';
      const allowedBy = statements.find(
        (each) => each.Effect === 'Allow' && matchesRequest(each, action, resource, context),
      );
      return { step, operation, action, resource, context, statements, allowed, allowedBy };
    };
    // Each by itself: what a boundary refuses is no proof of the policy within it.
    return [
      ...(role === bounds ? [] : [{ role, call: judgedBy(authorization.statements) }]),
      ...(boundary ? [{ role: bounds, call: judgedBy(boundary) }] : []),
    ];
  });
  const names = [...new Set(calls.map(({ role }) => role))].sort();
  return names.map((name) => {
    const own = calls.filter(({ role }) => role === name).map(({ call }) => call);
    const trust = rolesOfStacks.includes(name) ? assumptions.filter(({ roleArn }) => roleOf(roleArn) === name) : [];
    return {
      name,
      trust: trust.length > 0 ? trust : undefined,
      calls: own.filter(({ step }) => step !== refusals),
      refused: own.filter(({ step, allowed }) => step === refusals && !allowed),
    };
  });
}

/** In words: the call, and what of it was asked. */
export function describeCall({ operation, action, resource, step }: RecordedCall): string {
  return `${operation ?? 'AWS itself'} (${step}): ${action} on ${resource}`;
}

/** A field of a statement as a list. */
export function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
