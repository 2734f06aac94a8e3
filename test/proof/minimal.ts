import { describeCall, listOf, type ProvenRole, type RecordedCall } from './calls.ts';
import {
  brokenBy,
  type Mutation,
  type Normalize,
  withoutAction,
  withoutResource,
  withoutStatement,
  withResource,
} from './mutations.ts';
import { statementsById } from './policies.ts';
import { type Cut, cutsOf, narrowings, partAt, redraws } from './wildcards.ts';

/** A mutation, and the first call that it breaks; without one, the policy would do with less. */
export interface Finding {
  readonly sid: string;
  readonly title: string;
  readonly kind: 'statement' | 'action' | 'resource' | 'wildcard';
  /** The action or the resource that the mutation is about. */
  readonly subject: string;
  readonly breaks: string | undefined;
}

/** Weakens every statement of a role in every way, and replays what was recorded. */
export function findings({ calls: all, ...rest }: ProvenRole, normalize: Normalize): Finding[] {
  const role = { ...rest, calls: distinct(all) };
  return [...statementsById(role.calls, normalize)].flatMap(([sid, { actions, resources }]) => [
    judged(role, withoutStatement(sid), 'statement', sid),
    ...actions.map((action) => judged(role, withoutAction(sid, action), 'action', action)),
    ...resources.map((resource) => judged(role, withoutResource(sid, resource, normalize), 'resource', resource)),
    ...resources.filter((resource) => resource !== '*').flatMap((resource) => narrowed(role, sid, resource, normalize)),
  ]);
}

function judged(role: ProvenRole, mutation: Mutation, kind: Finding['kind'], subject: string): Finding {
  const broken = firstBroken(role.calls, mutation);
  const { sid, title } = mutation;
  return { sid, title, kind, subject, breaks: broken && describeCall(broken) };
}

/** The first call that was allowed and would not be. */
function firstBroken(calls: readonly RecordedCall[], mutation: Mutation): RecordedCall | undefined {
  return brokenBy(calls, mutation).next().value;
}

/** What was asked many times is judged once. */
function distinct(calls: readonly RecordedCall[]): RecordedCall[] {
  const policies = [...new Set(calls.map(({ statements }) => statements))];
  const keyed = calls.map((call) => {
    const { statements, action, resource, context } = call;
    return [JSON.stringify([policies.indexOf(statements), action, resource, context]), call] as const;
  });
  return [...new Map(keyed.toReversed()).values()].reverse();
}

/** The calls that a resource of a statement matches, as recorded and as AWS might have drawn them. */
function narrowed(role: ProvenRole, sid: string, resource: string, normalize: Normalize): Finding[] {
  const cutCount = cutsOf(resource).length;
  return Array.from({ length: cutCount }, (_, index) => index).flatMap((index) => {
    const uses = role.calls.flatMap((call) => usesOf(call, sid, resource, index, normalize));
    const parts = uses.map(({ part }) => part);
    const [{ cut } = { cut: undefined }] = uses;
    // Nobody has used it: that is said once, by the mutation that takes it away.
    if (!cut) return [];
    return narrowings(cut, parts).map(({ title, replacement }) => {
      const replace = (concrete: string) => {
        const at = cutsOf(concrete)[index];
        return at ? at.head + replacement + at.tail : concrete;
      };
      const mutation = withResource(sid, resource, `${resource}: ${title}`, replace, normalize);
      const broken = firstBroken(
        uses.map(({ call }) => call),
        mutation,
      );
      return {
        sid,
        title: mutation.title,
        kind: 'wildcard' as const,
        subject: resource,
        breaks: broken && describeCall(broken),
      };
    });
  });
}

interface Use {
  readonly call: RecordedCall;
  readonly cut: Cut;
  readonly part: string;
}

function usesOf(call: RecordedCall, sid: string, resource: string, index: number, normalize: Normalize): Use[] {
  const statement = call.statements.find(({ Sid }) => Sid === sid);
  if (!statement || !listOf(statement.Action).includes(call.action)) return [];
  const patterns = listOf(statement.Resource).filter((each) => normalize(each) === resource);
  return patterns.flatMap((pattern) => {
    const cut = cutsOf(pattern)[index];
    if (!cut || partAt(cut, call.resource) === undefined) return [];
    return [call.resource, ...redraws(call.resource)].flatMap((drawn) => {
      const part = partAt(cut, drawn);
      return part === undefined ? [] : [{ call: { ...call, resource: drawn }, cut, part }];
    });
  });
}
