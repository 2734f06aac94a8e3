import { isDeepStrictEqual } from 'node:util';
import { notSupported } from '../../errors.ts';
import { evaluate, type Scope } from './functions.ts';
import { isObject, type Template, validationError } from './template.ts';

const conditionFunctions = new Set(['Fn::Equals', 'Fn::And', 'Fn::Or', 'Fn::Not', 'Fn::Contains', 'Condition']);

/** Whether a name is a function of conditions, rather than one that gives a value. */
export function isConditionFunction(name: string): boolean {
  return conditionFunctions.has(name);
}

/**
 * The conditions of a template, evaluated when first asked for.
 *
 * @param scope finds parameters and mappings; its own `condition` is not used
 * @throws AwsError ValidationError for a condition that is missing or refers to itself
 */
export function conditionsOf(template: Template, scope: Omit<Scope, 'condition'>): (name: string) => boolean {
  const known = new Map<string, boolean | 'evaluating'>();
  const condition = (name: string): boolean => {
    const value = known.get(name);
    if (value === 'evaluating') throw validationError(`Template error: circular dependency of the condition ${name}`);
    if (value !== undefined) return value;
    const expression = template.Conditions?.[name];
    if (expression === undefined) {
      throw validationError(`Template error: unresolved condition dependency ${name} in the template`);
    }
    known.set(name, 'evaluating');
    const result = holds(expression, { ...scope, condition });
    known.set(name, result);
    return result;
  };
  return condition;
}

/**
 * Evaluates a condition: `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not`, `Condition`, and `Fn::Contains` of rules.
 *
 * @throws AwsError ValidationError
 */
export function holds(expression: unknown, scope: Scope): boolean {
  const [name, ...others] = isObject(expression) ? Object.keys(expression) : [];
  if (name === undefined || others.length > 0) {
    throw validationError(
      'Template format error: Conditions can only be boolean operations on parameters and other conditions',
    );
  }
  const argument = (expression as Record<string, unknown>)[name];
  const list = Array.isArray(argument) ? argument : [];
  switch (name) {
    case 'Condition':
      return scope.condition(String(argument));
    case 'Fn::Equals':
      requireLength(name, list, 2, 2);
      return isDeepStrictEqual(scalar(evaluate(list[0], scope)), scalar(evaluate(list[1], scope)));
    case 'Fn::And':
      requireLength(name, list, 2, 10);
      return list.every((item) => holds(item, scope));
    case 'Fn::Or':
      requireLength(name, list, 2, 10);
      return list.some((item) => holds(item, scope));
    case 'Fn::Not':
      requireLength(name, list, 1, 1);
      return !holds(list[0], scope);
    case 'Fn::Contains': {
      requireLength(name, list, 2, 2);
      const values = evaluate(list[0], scope);
      return Array.isArray(values) && values.map(scalar).includes(scalar(evaluate(list[1], scope)));
    }
    default:
      throw notSupported(`the function ${name} in a condition`);
  }
}

function scalar(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

function requireLength(name: string, list: readonly unknown[], least: number, most: number): void {
  if (list.length < least || list.length > most) {
    const count = least === most ? String(least) : `${least} to ${most}`;
    throw validationError(`Template validation error: every ${name} object requires a list of ${count} arguments.`);
  }
}
