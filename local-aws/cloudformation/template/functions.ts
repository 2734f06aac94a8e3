import { notSupported } from '../../errors.ts';
import { isObject, validationError } from './template.ts';

/** What `Ref: AWS::NoValue` evaluates to: the property or list item around it is left out. */
export const noValue: unique symbol = Symbol('AWS::NoValue');

/** What stands in a change set for a value that only the execution will tell. AWS writes the same. */
export const knownAfterApply = '{{changeSet:KNOWN_AFTER_APPLY}}';

/** The argument of `Fn::GetStackOutput`, evaluated. */
export interface StackOutputReference {
  readonly stackName: string;
  readonly outputName: string;
  readonly region?: string;
  readonly roleArn?: string;
}

/** Where the functions of a template find their values. */
export interface Scope {
  /** A parameter, a pseudo parameter or a resource. */
  ref(name: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  condition(name: string): boolean;
  findInMap(map: string, topLevelKey: string, secondLevelKey: string): unknown;
  importValue(name: string): string;
  stackOutput(reference: StackOutputReference): string;
}

type Arguments = unknown;

/** The functions that give a value; those of conditions are in conditions.ts. */
const functions: Record<string, (argument: Arguments, scope: Scope) => unknown> = {
  Ref: (name, scope) => scope.ref(text('Ref', name)),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, attribute] = attributeReference(argument);
    return scope.attribute(logicalId, text('Fn::GetAtt', evaluate(attribute, scope)));
  },
  'Fn::Join': (argument, scope) => {
    const [delimiter, values] = pair('Fn::Join', argument);
    const list = evaluate(values, scope);
    if (list === knownAfterApply) return knownAfterApply;
    if (!Array.isArray(list)) throw error('Fn::Join', 'requires a list of strings to join');
    return list.map((item) => text('Fn::Join', item)).join(text('Fn::Join', delimiter));
  },
  'Fn::Sub': (argument, scope) => {
    const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
    if (typeof template !== 'string' || !isObject(variables)) {
      throw error('Fn::Sub', 'requires a string, or a list of a string and a map of variables');
    }
    return template.replace(/\$\{([^!}][^}]*)\}|\$\{!([^}]*)\}/g, (_match, name?: string, literal?: string) => {
      if (name === undefined) return `\${${literal}}`;
      if (Object.hasOwn(variables, name)) return text('Fn::Sub', evaluate(variables[name], scope));
      const dot = name.indexOf('.');
      const value = dot < 0 ? scope.ref(name.trim()) : scope.attribute(name.slice(0, dot).trim(), name.slice(dot + 1));
      return text('Fn::Sub', value);
    });
  },
  'Fn::Select': (argument, scope) => {
    const [index, values] = pair('Fn::Select', argument);
    const at = Number(evaluate(index, scope));
    const list = evaluate(values, scope);
    if (isUnknown(list)) return knownAfterApply;
    if (!Array.isArray(list)) throw error('Fn::Select', 'requires a list as its second argument');
    if (!Number.isInteger(at) || at < 0 || at >= list.length) {
      throw error('Fn::Select', `cannot select nonexistent value at index ${String(index)}`);
    }
    return list[at];
  },
  'Fn::Split': (argument, scope) => {
    const [delimiter, source] = pair('Fn::Split', argument);
    const whole = text('Fn::Split', evaluate(source, scope));
    return whole.includes(knownAfterApply) ? [knownAfterApply] : whole.split(text('Fn::Split', delimiter));
  },
  'Fn::If': (argument, scope) => {
    if (!Array.isArray(argument) || argument.length !== 3) throw error('Fn::If', 'requires a list of three arguments');
    return evaluate(argument[scope.condition(text('Fn::If', argument[0])) ? 1 : 2], scope);
  },
  'Fn::FindInMap': (argument, scope) => {
    if (!Array.isArray(argument) || argument.length !== 3) {
      throw error('Fn::FindInMap', 'requires a list of three arguments');
    }
    const [map, top, second] = argument.map((item) => text('Fn::FindInMap', evaluate(item, scope)));
    return scope.findInMap(map as string, top as string, second as string);
  },
  'Fn::ImportValue': (argument, scope) => scope.importValue(text('Fn::ImportValue', evaluate(argument, scope))),
  'Fn::GetStackOutput': (argument, scope) => scope.stackOutput(stackOutputReference(evaluate(argument, scope))),
  'Fn::Base64': (argument, scope) => {
    const plain = text('Fn::Base64', evaluate(argument, scope));
    return plain.includes(knownAfterApply) ? knownAfterApply : Buffer.from(plain).toString('base64');
  },
};

/** Whether local-aws knows a function that gives a value. */
export function isValueFunction(name: string): boolean {
  return Object.hasOwn(functions, name);
}

/**
 * Evaluates every function in a value. Objects and lists lose what is `AWS::NoValue`.
 *
 * @throws AwsError ValidationError, in CloudFormation's words where they are known
 */
export function evaluate(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => evaluate(item, scope)).filter((item) => item !== noValue);
  if (!isObject(value)) return value;
  const call = functionCall(value);
  if (call) {
    const implementation = functions[call.name];
    if (!implementation) throw notSupported(`the function ${call.name} at this place`);
    return implementation(call.argument, scope);
  }
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, child]) => [name, evaluate(child, scope)] as const)
      .filter(([, child]) => child !== noValue),
  );
}

/** The function that an object stands for: one member, named `Ref` or `Fn::…`. */
export function functionCall(
  value: Readonly<Record<string, unknown>>,
): { name: string; argument: unknown } | undefined {
  const [name, ...others] = Object.keys(value);
  if (name === undefined) return undefined;
  if (others.length > 0) {
    const misplaced = [name, ...others].find((key) => key.startsWith('Fn::'));
    if (misplaced) throw validationError(`Template error: ${misplaced} must stand alone in its object`);
    return undefined;
  }
  return name === 'Ref' || name.startsWith('Fn::') ? { name, argument: value[name] } : undefined;
}

/** The two parts of a `Fn::GetAtt` in either of its forms; the attribute's name may be a `Ref`. */
export function attributeReference(argument: unknown): [logicalId: string, attribute: unknown] {
  if (typeof argument === 'string') {
    const dot = argument.indexOf('.');
    if (dot > 0) return [argument.slice(0, dot), argument.slice(dot + 1)];
  }
  if (Array.isArray(argument) && argument.length >= 2 && typeof argument[0] === 'string') {
    const [logicalId, ...path] = argument as [string, ...unknown[]];
    return [logicalId, path.length > 1 ? path.join('.') : path[0]];
  }
  throw validationError('Template error: every Fn::GetAtt object requires two non-empty parameters');
}

/** The names that the text of a `Fn::Sub` refers to, without those of its own variables. */
export function substitutedNames(argument: unknown): string[] {
  const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const names = [...String(template).matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name]) => (name as string).trim());
  return names.filter((name) => !isObject(variables) || !Object.hasOwn(variables, name));
}

/** Whether a value, or a part of it, is known only after the change set has been executed. */
export function isUnknown(value: unknown): boolean {
  if (typeof value === 'string') return value.includes(knownAfterApply);
  if (Array.isArray(value)) return value.some(isUnknown);
  return isObject(value) && Object.values(value).some(isUnknown);
}

function stackOutputReference(argument: unknown): StackOutputReference {
  const { StackName, OutputName, Region, RoleArn } = isObject(argument) ? argument : {};
  if (typeof StackName !== 'string' || typeof OutputName !== 'string') {
    throw error('Fn::GetStackOutput', 'requires StackName and OutputName');
  }
  return {
    stackName: StackName,
    outputName: OutputName,
    ...(typeof Region === 'string' ? { region: Region } : {}),
    ...(typeof RoleArn === 'string' ? { roleArn: RoleArn } : {}),
  };
}

function pair(name: string, argument: unknown): [unknown, unknown] {
  if (!Array.isArray(argument) || argument.length !== 2) throw error(name, 'requires a list of two arguments');
  return argument as [unknown, unknown];
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw error(name, 'requires strings; a list or an object was given');
}

function error(name: string, message: string) {
  return validationError(`Template error: every ${name} object ${message}`);
}
