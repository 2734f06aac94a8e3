import type { ConditionContext } from '../../local-aws/iam/conditions.ts';
import type { Assumption, Authorization, Recording } from '../../local-aws/iam/iam.ts';
import type { Statement } from '../../local-aws/iam/policy.ts';

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
export type RoleName = 'Execution role' | 'Handler' | 'Invoker';

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
    const { principal, operation, action, resource, context, decision, allowedBy } = authorization;
    const policy = JSON.stringify(authorization.statements);
    const statements = policies.get(policy) ?? authorization.statements;
    policies.set(policy, statements);
    const role = roleOf(principal.roleArn ?? '');
    const step = stepOf(authorization, index);
    if (!role || step === undefined) return [];
    const call = { step, operation, action, resource, context, statements, allowed: decision === 'allowed', allowedBy };
    return [{ role, call }];
  });
  const names = [...new Set(calls.map(({ role }) => role))].sort();
  return names.map((name) => {
    const own = calls.filter(({ role }) => role === name).map(({ call }) => call);
    const trust = assumptions.filter(({ roleArn }) => roleOf(roleArn) === name);
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
