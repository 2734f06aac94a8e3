import { notSupported } from '../errors.ts';
import { matchesWildcard, refusePolicyVariable } from './wildcard.ts';

/** Condition keys of a call and their values, for example `{'aws:SourceAccount': '111122223333'}`. */
export type ConditionContext = Readonly<Record<string, string | undefined>>;

type Values = string | boolean | number | ReadonlyArray<string | boolean | number>;
/** The `Condition` block of a statement. */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, Values>>>>;

type Test = (actual: string, expected: string) => boolean;

const tests: Record<string, { test: Test; negated?: boolean }> = {
  StringEquals: { test: (a, e) => a === e },
  StringNotEquals: { test: (a, e) => a === e, negated: true },
  StringEqualsIgnoreCase: { test: (a, e) => a.toLowerCase() === e.toLowerCase() },
  StringLike: { test: (a, e) => matchesWildcard(a, e) },
  StringNotLike: { test: (a, e) => matchesWildcard(a, e), negated: true },
  ArnEquals: { test: (a, e) => matchesWildcard(a, e) },
  ArnLike: { test: (a, e) => matchesWildcard(a, e) },
  ArnNotEquals: { test: (a, e) => matchesWildcard(a, e), negated: true },
  ArnNotLike: { test: (a, e) => matchesWildcard(a, e), negated: true },
  Bool: { test: (a, e) => a.toLowerCase() === e.toLowerCase() },
};

/**
 * Whether a statement's conditions hold. A key that the call does not carry fails a positive test and passes a negated
 * one, as AWS has it; `…IfExists` passes, `Null` asks for just that.
 *
 * @throws AwsError for an operator that local-aws does not know
 */
export function conditionsHold(conditions: ConditionBlock | undefined, context: ConditionContext): boolean {
  const lowerCase = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(conditions ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) =>
      holds(operator, lowerCase.get(key.toLowerCase()), asList(expected)),
    ),
  );
}

function holds(operator: string, actual: string | undefined, expected: string[]): boolean {
  if (operator === 'Null') return expected.includes(String(actual === undefined));
  const ifExists = operator.endsWith('IfExists');
  const known = tests[ifExists ? operator.slice(0, -'IfExists'.length) : operator];
  if (!known) throw notSupported(`the IAM condition operator ${operator}`);
  if (actual === undefined) return ifExists || known.negated === true;
  expected.forEach(refusePolicyVariable);
  const matches = expected.some((value) => known.test(actual, value));
  return known.negated ? !matches : matches;
}

function asList(values: Values): string[] {
  return (Array.isArray(values) ? values : [values]).map(String);
}
