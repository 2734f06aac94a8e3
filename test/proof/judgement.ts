import { evaluate, matchesRequest, type Statement, statementsOf, trusts } from '../../local-aws/iam/policy.ts';
import { describeCall, listOf, type ProvenRole, type RecordedCall } from './calls.ts';
import { type Finding, findings } from './minimal.ts';
import type { Normalize } from './mutations.ts';
import { statementsById } from './policies.ts';
import { reasons } from './reasons.ts';

/** What is wrong with a role, in sentences; nothing, for the roles as they are shipped. */
export function problems(role: ProvenRole, normalize: Normalize): string[] {
  return [
    ...notSufficient(role),
    ...notMinimal(role, findings(role, normalize)),
    ...notRefused(role),
    ...idleConditions(role),
    ...unexplained(role, normalize),
    ...trustProblems(role),
  ];
}

/** The calls of the journey that the policies did not allow. */
export function notSufficient({ calls }: ProvenRole): string[] {
  return calls.filter(({ allowed }) => !allowed).map((call) => `not allowed: ${describeCall(call)}`);
}

/** What could be taken away without breaking a call, unless it is explained why it is there. */
export function notMinimal({ name }: ProvenRole, found: readonly Finding[]): string[] {
  return found
    .filter((finding) => finding.breaks === undefined && !isExplained(name, finding, found))
    .map(({ sid, title }) => `nothing breaks: ${sid} ${title}`);
}

/** The actions of a statement that the journey need not prove. */
export function explainedActions(role: ProvenRole['name'], sid: string): readonly string[] {
  const { awsItself, unproven } = reasons[role][sid] ?? {};
  return [...(awsItself?.actions ?? []), ...(unproven?.actions ?? [])];
}

/** An action that is explained; and a statement or resource where that is true of every action. */
function isExplained(role: ProvenRole['name'], { sid, kind, subject }: Finding, found: readonly Finding[]): boolean {
  const explained = explainedActions(role, sid);
  const actions = found.filter((each) => each.sid === sid && each.kind === 'action').map((each) => each.subject);
  return kind === 'action' ? explained.includes(subject) : actions.every((action) => explained.includes(action));
}

/** What was refused on purpose, and would not be. */
export function notRefused({ refused }: ProvenRole): string[] {
  return refused.filter(({ allowed }) => allowed).map((call) => `allowed, and must not be: ${describeCall(call)}`);
}

/** Conditions without which nothing more would be allowed of all that was tried. */
export function idleConditions({ calls, refused }: ProvenRole): string[] {
  const conditional = calls.flatMap(({ statements }) => statements).filter(({ Condition }) => Condition);
  const wanted = new Set(
    conditional.flatMap(({ Sid, Condition }) =>
      Object.values(Condition ?? {}).flatMap((keys) => Object.keys(keys).map((key) => `${Sid} ${key}`)),
    ),
  );
  return [...wanted]
    .filter((each) => !refused.some((call) => isAllowedWithout(call, each)))
    .map((each) => `nothing shows what the condition is for: ${each}`);
}

function isAllowedWithout({ statements, action, resource, context }: RecordedCall, dropped: string): boolean {
  return (
    evaluate(
      statements.map((statement) => withoutCondition(statement, dropped)),
      action,
      resource,
      context,
    ) === 'allowed'
  );
}

/** @param dropped the Sid and the condition key */
function withoutCondition(statement: Statement, dropped: string): Statement {
  const { Sid, Condition = {} } = statement;
  const kept = Object.entries(Condition).map(([operator, keys]) => [
    operator,
    Object.fromEntries(Object.entries(keys).filter(([key]) => `${Sid} ${key}` !== dropped)),
  ]);
  return { ...statement, Condition: Object.fromEntries(kept) };
}

/** Statements without a reason, reasons without a statement, and what is said to be AWS's own and is not. */
export function unexplained(role: ProvenRole, normalize: Normalize): string[] {
  const known = statementsById(role.calls, normalize);
  const own = reasons[role.name];
  const used = new Set(role.calls.map(({ allowedBy, action }) => `${allowedBy?.Sid} ${action}`));
  return [
    ...[...known.keys()]
      .filter((sid) => !own[sid])
      .map((sid) => `test/proof/reasons.ts does not say why there is ${sid}`),
    ...Object.keys(own)
      .filter((sid) => !known.has(sid))
      .map((sid) => `test/proof/reasons.ts gives a reason for ${sid}, which is not there`),
    ...Object.keys(own).flatMap((sid) =>
      explainedActions(role.name, sid)
        .filter((action) => used.has(`${sid} ${action}`) || !known.get(sid)?.actions.includes(action))
        .map((action) => `test/proof/reasons.ts says that nothing here shows the use of ${action} in ${sid}`),
    ),
  ];
}

const elsewhere = { account: '444455556666', arn: 'arn:aws:iam::444455556666:something/else' };

/** A trust policy has to let the service take the role for what is ours, and for nothing else. */
export function trustProblems({ trust = [] }: ProvenRole): string[] {
  return trust.flatMap(({ trustPolicy, service, context, roleArn }) => {
    const isTrusted = (more: Record<string, string>) =>
      trusts(statementsOf(trustPolicy), 'sts:AssumeRole', 'Service', [service], { ...context, ...more });
    const other = String(context['aws:SourceArn']).replace(/:\d{12}:/, `:${elsewhere.account}:`);
    return [
      ...(isTrusted({}) ? [] : [`${service} may not take ${roleArn}`]),
      ...(isTrusted({ 'aws:SourceAccount': elsewhere.account })
        ? [`${service} may take ${roleArn} for another account`]
        : []),
      ...(isTrusted({ 'aws:SourceArn': other })
        ? [`${service} may take ${roleArn} for a resource of another account`]
        : []),
      ...(isTrusted({ 'aws:SourceArn': elsewhere.arn }) ? [`${service} may take ${roleArn} for any resource`] : []),
    ];
  });
}

/** The calls that need a statement: those that are refused without it. */
export function callsThatNeed(role: ProvenRole, sid: string): RecordedCall[] {
  return role.calls.filter(
    ({ statements, action, resource, context }) =>
      statements.some((each) => each.Sid === sid && matchesRequest(each, action, resource, context)) &&
      evaluate(
        statements.filter(({ Sid }) => Sid !== sid),
        action,
        resource,
        context,
      ) !== 'allowed',
  );
}

/** A role as it would be with other policies: what it did is judged anew. */
export function rewritten(
  role: ProvenRole,
  change: { statement?: (statement: Statement) => Statement[]; trust?: (statement: Statement) => Statement },
): ProvenRole {
  const { statement = (each) => [each], trust = (each) => each } = change;
  const policies = new Map<readonly Statement[], Statement[]>();
  const judge = (call: RecordedCall): RecordedCall => {
    const statements = policies.get(call.statements) ?? call.statements.flatMap(statement);
    policies.set(call.statements, statements);
    const { action, resource, context } = call;
    const allowedBy = statements.find(
      (each) => each.Effect === 'Allow' && matchesRequest(each, action, resource, context),
    );
    return { ...call, statements, allowed: evaluate(statements, action, resource, context) === 'allowed', allowedBy };
  };
  return {
    ...role,
    calls: role.calls.map(judge),
    refused: role.refused.map(judge),
    trust: role.trust?.map((each) => ({
      ...each,
      trustPolicy: { ...each.trustPolicy, Statement: statementsOf(each.trustPolicy).map(trust) },
    })),
  };
}

/** How many statements a role has, for the table. */
export function countStatements(role: ProvenRole, normalize: Normalize): { statements: number; actions: number } {
  const known = [...statementsById(role.calls, normalize).values()];
  return { statements: known.length, actions: known.flatMap(({ actions }) => listOf(actions)).length };
}
