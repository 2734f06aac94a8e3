import { type ConditionBlock, type ConditionContext, conditionsHold } from './conditions.ts';
import { matchesWildcard } from './wildcard.ts';

type OneOrMany<T> = T | readonly T[];

/** A statement of an identity-based policy or, with `Principal`, of a trust or resource policy. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: OneOrMany<string>;
  readonly NotAction?: OneOrMany<string>;
  readonly Resource?: OneOrMany<string>;
  readonly NotResource?: OneOrMany<string>;
  readonly Principal?: '*' | Readonly<Record<string, OneOrMany<string>>>;
  readonly Condition?: ConditionBlock;
}

/** A policy document. */
export interface PolicyDocument {
  readonly Id?: string;
  readonly Version?: string;
  readonly Statement: OneOrMany<Statement>;
}

/** What the policies say of one action on one resource. */
export type Decision = 'allowed' | 'implicitly denied' | 'explicitly denied';

/** The statements of a document, whether it holds one or a list. */
export function statementsOf(document: PolicyDocument): readonly Statement[] {
  return asList(document.Statement);
}

/** Evaluates identity-based policies: a Deny that matches wins, else an Allow, else nothing allows it. */
export function evaluate(
  statements: readonly Statement[],
  action: string,
  resource: string,
  context: ConditionContext,
): Decision {
  const matching = statements.filter((statement) => matchesRequest(statement, action, resource, context));
  if (matching.some(({ Effect }) => Effect === 'Deny')) return 'explicitly denied';
  return matching.some(({ Effect }) => Effect === 'Allow') ? 'allowed' : 'implicitly denied';
}

/** Whether a statement speaks of this action, on this resource, under these conditions. */
export function matchesRequest(
  statement: Statement,
  action: string,
  resource: string,
  context: ConditionContext,
): boolean {
  return (
    matchesAction(statement, action) &&
    matchesResource(statement, resource) &&
    conditionsHold(statement.Condition, context)
  );
}

/** Whether a trust policy lets a principal (of a type such as `Service` or `AWS`) take an action on the role. */
export function trusts(
  statements: readonly Statement[],
  action: string,
  principalType: string,
  principalNames: readonly string[],
  context: ConditionContext,
): boolean {
  const matching = statements.filter(
    (statement) =>
      matchesAction(statement, action) &&
      namesPrincipal(statement, principalType, principalNames) &&
      conditionsHold(statement.Condition, context),
  );
  return matching.some(({ Effect }) => Effect === 'Allow') && !matching.some(({ Effect }) => Effect === 'Deny');
}

/**
 * What a resource's own policy says of an action on it, by a principal of a type such as `Service` or `AWS`.
 *
 * @param principalNames all the names that the principal answers to, such as an account's service or a role's ARN
 */
export function evaluateResourcePolicy(
  statements: readonly Statement[],
  principalType: string,
  principalNames: readonly string[],
  action: string,
  resource: string,
  context: ConditionContext,
): Decision {
  const named = statements.filter((statement) => namesPrincipal(statement, principalType, principalNames));
  return evaluate(named, action, resource, context);
}

function namesPrincipal({ Principal }: Statement, type: string, names: readonly string[]): boolean {
  if (Principal === undefined) return false;
  if (Principal === '*') return true;
  const listed = asList(Principal[type] ?? []);
  return listed.some((pattern) => pattern === '*' || names.includes(pattern));
}

function matchesAction({ Action, NotAction }: Statement, action: string): boolean {
  const matches = (patterns: OneOrMany<string>) =>
    asList(patterns).some((pattern) => matchesWildcard(action, pattern, 'i'));
  return Action !== undefined ? matches(Action) : NotAction !== undefined && !matches(NotAction);
}

function matchesResource({ Resource, NotResource }: Statement, resource: string): boolean {
  const matches = (patterns: OneOrMany<string>) =>
    asList(patterns).some((pattern) => matchesWildcard(resource, pattern));
  return Resource !== undefined ? matches(Resource) : NotResource !== undefined && !matches(NotResource);
}

function asList<T>(values: OneOrMany<T>): readonly T[] {
  return (Array.isArray(values) ? values : [values]) as readonly T[];
}
