import { createRequire } from 'node:module';
import { AwsError, notSupported } from '../../errors.ts';

/** One entry of `Resources`, as written. */
export interface ResourceDefinition {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: DeletionPolicy;
  readonly UpdateReplacePolicy?: DeletionPolicy;
}

/** What becomes of a resource that the stack lets go of. */
export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate';

/** One entry of `Outputs`, as written. */
export interface OutputDefinition {
  readonly Value: unknown;
  readonly Description?: string;
  readonly Export?: { readonly Name: unknown };
  readonly Condition?: string;
}

/** One entry of `Parameters`, as written. */
export interface ParameterDefinition {
  readonly Type: string;
  readonly Default?: string | number;
  readonly Description?: string;
  readonly NoEcho?: boolean | string;
  readonly AllowedValues?: readonly (string | number)[];
  readonly AllowedPattern?: string;
  readonly ConstraintDescription?: string;
  readonly MinLength?: number | string;
  readonly MaxLength?: number | string;
  readonly MinValue?: number | string;
  readonly MaxValue?: number | string;
}

/** One entry of `Rules`, as written. */
export interface RuleDefinition {
  readonly RuleCondition?: unknown;
  readonly Assertions: readonly { readonly Assert: unknown; readonly AssertDescription?: string }[];
}

/** A template whose shape has been checked; its functions have not been evaluated. */
export interface Template {
  readonly AWSTemplateFormatVersion?: string;
  readonly Description?: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly Parameters?: Readonly<Record<string, ParameterDefinition>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Rules?: Readonly<Record<string, RuleDefinition>>;
  readonly Resources: Readonly<Record<string, ResourceDefinition>>;
  readonly Outputs?: Readonly<Record<string, OutputDefinition>>;
}

const sections = new Set([
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Rules',
  'Resources',
  'Outputs',
]);
const resourceKeys = new Set([
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'Metadata',
  'DeletionPolicy',
  'UpdateReplacePolicy',
]);
const refusedResourceKeys = new Set(['CreationPolicy', 'UpdatePolicy']);
const deletionPolicies: readonly unknown[] = ['Delete', 'Retain', 'RetainExceptOnCreate'];

/**
 * Reads a template in JSON or YAML and checks its shape.
 *
 * @throws AwsError ValidationError in CloudFormation's words; NotSupportedByLocalAws for what local-aws leaves out
 */
export function parseTemplate(text: string): Template {
  const template = parse(text);
  if (!isObject(template)) throw formatError('unsupported structure.');
  for (const refused of ['Transform', 'Hooks']) {
    if (refused in template) throw notSupported(`the template section ${refused}`);
  }
  const unknown = Object.keys(template).filter((section) => !sections.has(section));
  if (unknown.length > 0) throw validationError(`Invalid template property or properties [${unknown.join(', ')}]`);
  for (const section of ['Metadata', 'Parameters', 'Mappings', 'Conditions', 'Rules', 'Resources', 'Outputs']) {
    if (template[section] !== undefined && !isObject(template[section])) {
      throw formatError(`[/${section}] must be an object`);
    }
  }
  const resources = (template.Resources ?? {}) as Record<string, unknown>;
  if (Object.keys(resources).length === 0) throw formatError('At least one Resources member must be defined.');
  for (const [logicalId, resource] of Object.entries(resources)) checkResource(logicalId, resource);
  for (const [name, output] of Object.entries((template.Outputs ?? {}) as Record<string, unknown>)) {
    if (!isObject(output) || output.Value === undefined) {
      throw formatError(`Every Outputs member must contain a Value object (Output ${name})`);
    }
  }
  for (const [name, parameter] of Object.entries((template.Parameters ?? {}) as Record<string, unknown>)) {
    if (!isObject(parameter) || typeof parameter.Type !== 'string') {
      throw formatError(`Every Parameters object must contain a Type member. (Parameter ${name})`);
    }
  }
  return template as unknown as Template;
}

function parse(text: string): unknown {
  if (!/^\s*\{/.test(text)) return parseYaml(text);
  try {
    return JSON.parse(text);
  } catch {
    throw formatError('JSON not well-formed.');
  }
}

/** As the CLI writes its own bootstrap: with the long names of functions. Their short forms are tags, and are refused. */
function parseYaml(text: string): unknown {
  // Most accounts never see a template in YAML, and all would wait for its parser to be loaded.
  const { parseDocument } = createRequire(import.meta.filename)('yaml') as typeof import('yaml');
  const document = parseDocument(text, { schema: 'core' });
  const [error] = document.errors;
  if (error) throw formatError(`YAML not well-formed. (line ${error.linePos?.[0].line ?? 1})`);
  const [warning] = document.warnings;
  if (warning) throw notSupported(`this in a YAML template: ${warning.message.split('\n')[0]}`);
  return document.toJS() as unknown;
}

function checkResource(logicalId: string, resource: unknown): void {
  if (!/^[A-Za-z0-9]+$/.test(logicalId)) {
    if (logicalId.startsWith('Fn::')) throw notSupported(`the function ${logicalId.split('::', 2).join('::')}`);
    throw formatError(`Resource name ${logicalId} is non alphanumeric.`);
  }
  if (!isObject(resource) || typeof resource.Type !== 'string') {
    throw formatError(`[/Resources/${logicalId}] Every Resources object must contain a Type member.`);
  }
  for (const key of Object.keys(resource)) {
    if (refusedResourceKeys.has(key)) throw notSupported(`the attribute ${key} (resource ${logicalId})`);
    if (!resourceKeys.has(key)) throw validationError(`Invalid template resource property '${key}'`);
  }
  if (resource.Properties !== undefined && !isObject(resource.Properties)) {
    throw formatError(`[/Resources/${logicalId}/Properties] must be an object`);
  }
  for (const key of ['DeletionPolicy', 'UpdateReplacePolicy']) {
    const policy = resource[key];
    if (policy === undefined) continue;
    if (policy === 'Snapshot') throw notSupported(`the ${key} Snapshot (resource ${logicalId})`);
    if (!deletionPolicies.includes(policy) || (key === 'UpdateReplacePolicy' && policy === 'RetainExceptOnCreate')) {
      throw formatError(`Unrecognized ${key} ${JSON.stringify(policy)} for resource ${logicalId}`);
    }
  }
}

/** `ValidationError`, the code that CloudFormation has for nearly everything. */
export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

function formatError(message: string): AwsError {
  return validationError(`Template format error: ${message}`);
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
