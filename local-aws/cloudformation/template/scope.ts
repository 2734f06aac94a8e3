import { conditionsOf } from './conditions.ts';
import { evaluate, noValue, type Scope, type StackOutputReference } from './functions.ts';
import type { ParameterValue } from './parameters.ts';
import { isObject, type Template, validationError } from './template.ts';

/** What `Ref` and `Fn::GetAtt` find of a resource. */
export interface ResourceView {
  readonly type: string;
  readonly ref: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** All that the functions of one stack's template need to know. */
export interface ScopeInput {
  readonly account: string;
  readonly partition: string;
  readonly region: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly template: Template;
  readonly parameters: ReadonlyMap<string, ParameterValue>;
  /** A resource that has been made; undefined while it has not. */
  resource(logicalId: string): ResourceView | undefined;
  importValue(name: string): string;
  stackOutput(reference: StackOutputReference): string;
}

/** The scope in which a stack's template is evaluated. */
export function scopeOf(input: ScopeInput): Scope {
  const { template, parameters } = input;
  const pseudoParameters: Readonly<Record<string, unknown>> = {
    'AWS::AccountId': input.account,
    'AWS::NotificationARNs': [],
    'AWS::NoValue': noValue,
    'AWS::Partition': input.partition,
    'AWS::Region': input.region,
    'AWS::StackId': input.stackId,
    'AWS::StackName': input.stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const view = (logicalId: string) => {
    const found = input.resource(logicalId);
    if (found) return found;
    throw validationError(
      `Template format error: Unresolved resource dependencies [${logicalId}] in the Resources block of the template`,
    );
  };
  const scope: Omit<Scope, 'condition'> = {
    ref(name) {
      if (Object.hasOwn(pseudoParameters, name)) return pseudoParameters[name];
      return parameters.get(name)?.value ?? view(name).ref;
    },
    attribute: (logicalId, name) => attributeOf(logicalId, view(logicalId), name),
    findInMap(map, topLevelKey, secondLevelKey) {
      const value = template.Mappings?.[map]?.[topLevelKey]?.[secondLevelKey];
      if (value !== undefined) return value;
      throw validationError(`Template error: Unable to get mapping for ${map}::${topLevelKey}::${secondLevelKey}`);
    },
    importValue: (name) => input.importValue(name),
    stackOutput: (reference) => input.stackOutput(reference),
  };
  return { ...scope, condition: conditionsOf(template, scope) };
}

/** The logical ids of the resources whose condition holds. */
export function activeResources(template: Template, scope: Scope): string[] {
  return Object.entries(template.Resources)
    .filter(([, { Condition }]) => Condition === undefined || scope.condition(Condition))
    .map(([logicalId]) => logicalId);
}

/** The properties of a resource with every function evaluated. */
export function evaluateProperties(properties: unknown, scope: Scope): Readonly<Record<string, unknown>> {
  const evaluated = evaluate(properties ?? {}, scope);
  return isObject(evaluated) ? evaluated : {};
}

function attributeOf(logicalId: string, { type, attributes }: ResourceView, name: string): unknown {
  if (attributes[name] !== undefined) return attributes[name];
  let node: unknown = attributes;
  for (const part of name.split('.')) node = isObject(node) ? node[part] : undefined;
  if (node !== undefined) return node;
  throw validationError(
    type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource'
      ? `CustomResource attribute error: Vendor response doesn't contain ${name} attribute (resource ${logicalId})`
      : `Template error: resource ${logicalId} does not support attribute type ${name} in Fn::GetAtt`,
  );
}
