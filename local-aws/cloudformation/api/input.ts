import { notSupported } from '../../errors.ts';
import type { QueryValue } from '../../http/query.ts';
import type { ParameterInput } from '../template/parameters.ts';
import { validationError } from '../template/template.ts';

/** The input of an operation, as the query protocol carries it. */
export type Input = Readonly<Record<string, QueryValue | undefined>>;

/** A text; an empty one counts as none. */
export function text(input: Input, name: string): string | undefined {
  const value = input[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** @throws AwsError ValidationError when there is none */
export function requiredText(input: Input, name: string): string {
  const value = text(input, name);
  if (value !== undefined) return value;
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  throw validationError(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
}

/** `true` or `false`; undefined when it was not given. */
export function flag(input: Input, name: string): boolean | undefined {
  const value = text(input, name);
  return value === undefined ? undefined : value === 'true';
}

/** A list of texts; undefined when it was not given at all (an empty list arrives as an empty text). */
export function texts(input: Input, name: string): string[] | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** A list of structures; undefined when it was not given at all. */
export function structures(input: Input, name: string): Input[] | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  return Array.isArray(value)
    ? value.filter((item): item is Input & typeof item => typeof item === 'object' && !Array.isArray(item))
    : [];
}

/** `Parameters`, as CreateStack, UpdateStack and CreateChangeSet take them. */
export function parameterInputs(input: Input): ParameterInput[] {
  return (structures(input, 'Parameters') ?? []).map((parameter) => {
    const value = parameter.ParameterValue;
    return {
      key: requiredText(parameter, 'ParameterKey'),
      ...(typeof value === 'string' ? { value } : {}),
      usePreviousValue: flag(parameter, 'UsePreviousValue') ?? false,
    };
  });
}

/** `Tags`; undefined when they were not given at all. */
export function tagInputs(input: Input): Record<string, string> | undefined {
  const tags = structures(input, 'Tags');
  return tags && Object.fromEntries(tags.map((tag) => [requiredText(tag, 'Key'), text(tag, 'Value') ?? '']));
}

/**
 * Refuses what local-aws leaves out of the calls that deploy.
 *
 * @throws AwsError NotSupportedByLocalAws naming the parameter of the call
 */
export function refuseUnsupported(input: Input): void {
  const unsupported = [
    'NotificationARNs',
    'ResourcesToImport',
    'ResourceTypes',
    'RollbackConfiguration',
    'StackPolicyBody',
    'StackPolicyURL',
    'TimeoutInMinutes',
    'StackPolicyDuringUpdateBody',
    'StackPolicyDuringUpdateURL',
  ];
  for (const name of unsupported) {
    const value = input[name];
    if (value !== undefined && value !== '' && Object.keys(value).length > 0) throw notSupported(`${name} of a stack`);
  }
  if (text(input, 'DeploymentMode') !== undefined) throw notSupported('DeploymentMode of a change set');
  const config = input.DeploymentConfig;
  const mode = typeof config === 'object' && !Array.isArray(config) ? text(config, 'Mode') : undefined;
  if (mode !== undefined && mode !== 'STANDARD') throw notSupported(`the deployment mode ${mode}`);
}
