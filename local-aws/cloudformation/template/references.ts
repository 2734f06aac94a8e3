import { notSupported } from '../../errors.ts';
import { isConditionFunction } from './conditions.ts';
import { attributeReference, functionCall, isValueFunction, substitutedNames } from './functions.ts';
import { isObject, type ResourceDefinition, type Template, validationError } from './template.ts';

/** What one value of a template refers to. */
export interface References {
  /** `Ref` and `${Name}`: parameters, pseudo parameters and resources. */
  readonly names: ReadonlySet<string>;
  /** `Fn::GetAtt` and `${Name.Attribute}`, as `Name.Attribute`. */
  readonly attributes: ReadonlySet<string>;
  readonly conditions: ReadonlySet<string>;
}

/**
 * Everything that a value refers to, in all branches of its `Fn::If`.
 *
 * @throws AwsError NotSupportedByLocalAws for a function that local-aws does not know
 */
export function referencesOf(value: unknown): References {
  const names = new Set<string>();
  const attributes = new Set<string>();
  const conditions = new Set<string>();
  const visit = (node: unknown): void => {
    const call = isObject(node) ? functionCall(node) : undefined;
    if (!call) {
      if (typeof node === 'object' && node !== null) Object.values(node).forEach(visit);
      return;
    }
    const { name, argument } = call;
    if (!isValueFunction(name)) {
      throw isConditionFunction(name)
        ? validationError(`Template error: ${name} cannot be used outside of Conditions`)
        : notSupported(`the function ${name}`);
    }
    if (name === 'Ref') {
      names.add(String(argument));
      return;
    }
    if (name === 'Fn::GetAtt') {
      const [logicalId, attribute] = attributeReference(argument);
      attributes.add(`${logicalId}.${typeof attribute === 'string' ? attribute : '*'}`);
      visit(attribute);
      return;
    }
    if (name === 'Fn::Sub') {
      for (const substituted of substitutedNames(argument)) {
        (substituted.includes('.') ? attributes : names).add(substituted);
      }
    }
    if (name === 'Fn::If' && Array.isArray(argument)) conditions.add(String(argument[0]));
    visit(argument);
  };
  visit(value);
  return { names, attributes, conditions };
}

/** The arguments of every `Fn::ImportValue` in a value, in the branches of its `Fn::If` that count. */
export function importNamesOf(value: unknown, condition: (name: string) => boolean): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => importNamesOf(item, condition));
  if (!isObject(value)) return [];
  const call = functionCall(value);
  if (call?.name === 'Fn::ImportValue') return [call.argument];
  if (call?.name === 'Fn::If' && Array.isArray(call.argument)) {
    const [name, whenTrue, whenFalse] = call.argument;
    return importNamesOf(condition(String(name)) ? whenTrue : whenFalse, condition);
  }
  return Object.values(value).flatMap((child) => importNamesOf(child, condition));
}

/** The resources that a resource needs first: by reference and by `DependsOn`. */
export function dependenciesOf(template: Template, definition: ResourceDefinition): ReadonlySet<string> {
  const { names, attributes } = referencesOf(definition.Properties);
  const mentioned = [
    ...names,
    ...[...attributes].map((attribute) => attribute.slice(0, attribute.indexOf('.'))),
    ...[definition.DependsOn ?? []].flat(),
  ];
  return new Set(mentioned.filter((name) => Object.hasOwn(template.Resources, name)));
}

/**
 * Checks that all that is referred to exists, and that no resource needs itself.
 *
 * @throws AwsError ValidationError in CloudFormation's words
 */
export function checkReferences(template: Template): void {
  const known = (name: string) =>
    name.startsWith('AWS::') ||
    Object.hasOwn(template.Parameters ?? {}, name) ||
    Object.hasOwn(template.Resources, name);
  const unresolved = (value: unknown) => {
    const { names, attributes, conditions } = referencesOf(value);
    for (const condition of conditions) checkCondition(template, condition);
    const owners = [...attributes].map((attribute) => attribute.slice(0, attribute.indexOf('.')));
    return [
      ...[...names].filter((name) => !known(name)),
      ...owners.filter((owner) => !Object.hasOwn(template.Resources, owner)),
    ];
  };
  const check = (block: string, missing: readonly string[]) => {
    if (missing.length === 0) return;
    const list = [...new Set(missing)].join(', ');
    throw validationError(
      `Template format error: Unresolved resource dependencies [${list}] in the ${block} block of the template`,
    );
  };
  for (const definition of Object.values(template.Resources)) {
    const dependsOn = [definition.DependsOn ?? []].flat().filter((name) => !Object.hasOwn(template.Resources, name));
    check('Resources', [...unresolved(definition.Properties), ...dependsOn]);
    if (definition.Condition !== undefined) checkCondition(template, definition.Condition);
  }
  for (const output of Object.values(template.Outputs ?? {})) {
    check('Outputs', unresolved([output.Value, output.Export?.Name]));
    if (output.Condition !== undefined) checkCondition(template, output.Condition);
  }
  checkCircles(template);
}

function checkCondition(template: Template, name: string): void {
  if (!Object.hasOwn(template.Conditions ?? {}, name)) {
    throw validationError(
      `Template format error: Unresolved condition dependency ${name} in the Resources block of the template`,
    );
  }
}

function checkCircles(template: Template): void {
  const remaining = new Map(
    Object.entries(template.Resources).map(([logicalId, definition]) => [
      logicalId,
      dependenciesOf(template, definition),
    ]),
  );
  for (let removed = true; removed; ) {
    removed = false;
    for (const [logicalId, dependencies] of remaining) {
      if ([...dependencies].some((dependency) => remaining.has(dependency))) continue;
      remaining.delete(logicalId);
      removed = true;
    }
  }
  if (remaining.size > 0) {
    throw validationError(`Circular dependency between resources: [${[...remaining.keys()].join(', ')}]`);
  }
}
