import { notSupported } from '../errors.ts';
import { matchesWildcard, refusePolicyVariable } from './wildcard.ts';

/**
 * Condition keys of a call and their values, for example `{'aws:SourceAccount': '111122223333'}`; a list is the value of
 * a key that has several, such as `aws:TagKeys`.
 */
export type ConditionContext = Readonly<Record<string, string | readonly string[] | undefined>>;

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
 * one, as AWS has it; `…IfExists` passes, `Null` asks for just that. `ForAllValues:` passes without values,
 * `ForAnyValue:` does not.
 *
 * @throws AwsError for an operator that local-aws does not know
 */
export function conditionsHold(conditions: ConditionBlock | undefined, context: ConditionContext): boolean {
  if (conditions === undefined) return true;
  const lowerCase = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) =>
      holds(operator, valuesOf(lowerCase.get(key.toLowerCase())), asList(expected)),
    ),
  );
}

function holds(operator: string, actual: readonly string[] | undefined, expected: string[]): boolean {
  if (operator === 'Null') return expected.includes(String(actual === undefined));
  const [, quantifier, base = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  const known = tests[base];
  if (!known) throw notSupported(`the IAM condition operator ${operator}`);
  if (actual === undefined && ifExists) return true;
  const values = actual ?? [];
  if (values.length === 0) return quantifier ? quantifier === 'ForAllValues' : known.negated === true;
  expected.forEach(refusePolicyVariable);
  const passes = (value: string) => expected.some((wanted) => known.test(value, wanted)) !== (known.negated === true);
  return quantifier === 'ForAllValues' ? values.every(passes) : values.some(passes);
}

function valuesOf(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof value === 'string' ? [value] : value;
}

function asList(values: Values): string[] {
  return (Array.isArray(values) ? values : [values]).map(String);
}
