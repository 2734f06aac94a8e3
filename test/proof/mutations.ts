import { evaluate, matchesRequest, type Statement } from '../../local-aws/iam/policy.ts';
import { listOf, type RecordedCall } from './calls.ts';

/** A way to write a policy anew. Statements are known by Sid, resources by a name that is the same in every environment. */
export interface Mutation {
  readonly sid: string;
  /** For people: `without the action …`. */
  readonly title: string;
  /** The statement as it becomes; undefined: it goes. */
  apply(statement: Statement): Statement | undefined;
}

/** Writes a resource as it is called on the page: without account, Region, names and what AWS adds to them. */
export type Normalize = (resource: string) => string;

export function withoutStatement(sid: string): Mutation {
  return { sid, title: 'without the statement', apply: () => undefined };
}

export function withoutAction(sid: string, action: string): Mutation {
  return {
    sid,
    title: `without the action ${action}`,
    apply: (statement) => rebuilt(statement, 'Action', (actions) => actions.filter((each) => each !== action)),
  };
}

export function withoutResource(sid: string, resource: string, normalize: Normalize): Mutation {
  return {
    sid,
    title: `without the resource ${resource}`,
    apply: (statement) =>
      rebuilt(statement, 'Resource', (resources) => resources.filter((each) => normalize(each) !== resource)),
  };
}

export function withResource(
  sid: string,
  resource: string,
  title: string,
  replace: (concrete: string) => string,
  normalize: Normalize,
): Mutation {
  return {
    sid,
    title,
    apply: (statement) =>
      rebuilt(statement, 'Resource', (resources) =>
        resources.map((each) => (normalize(each) === resource ? replace(each) : each)),
      ),
  };
}

function rebuilt(
  statement: Statement,
  field: 'Action' | 'Resource',
  change: (values: readonly string[]) => readonly string[],
): Statement | undefined {
  const values = change(listOf(statement[field]));
  return values.length === 0 ? undefined : { ...statement, [field]: values };
}

/** The policy as the mutation writes it. */
export function mutate(statements: readonly Statement[], mutation: Mutation): Statement[] {
  return statements.flatMap((statement) =>
    statement.Sid === mutation.sid ? (mutation.apply(statement) ?? []) : [statement],
  );
}

/**
 * The calls that were allowed and would not be, were the policies as a mutation writes them. They are judged by the
 * evaluator that judged them first.
 */
export function* brokenBy(calls: readonly RecordedCall[], mutation: Mutation): Generator<RecordedCall, undefined> {
  const mutated = new Map<readonly Statement[], Statement[]>();
  for (const call of calls) {
    const { allowed, statements, action, resource, context } = call;
    if (!allowed || !sidsOf(call).has(mutation.sid)) continue;
    const policy = mutated.get(statements) ?? mutate(statements, mutation);
    mutated.set(statements, policy);
    if (evaluate(policy, action, resource, context) !== 'allowed') yield call;
  }
}

const sids = new WeakMap<RecordedCall, ReadonlySet<string | undefined>>();

/** The statements that speak of a call: to change another one changes nothing for it. */
function sidsOf(call: RecordedCall): ReadonlySet<string | undefined> {
  const { statements, action, resource, context } = call;
  const known =
    sids.get(call) ??
    new Set(statements.flatMap((each) => (matchesRequest(each, action, resource, context) ? [each.Sid] : [])));
  sids.set(call, known);
  return known;
}
