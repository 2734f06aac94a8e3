import { notSupported } from '../../errors.ts';
import { type ParameterDefinition, type Template, validationError } from './template.ts';

/** A parameter of a stack. */
export interface ParameterValue {
  /** As given: for an SSM parameter the name in the parameter store. */
  readonly given: string;
  /** What `Ref` returns: a text or, for the list types, a list. */
  readonly value: string | readonly string[];
  /** What the parameter store answered, for the SSM types. */
  readonly resolved?: string;
  readonly noEcho: boolean;
}

/** A parameter as the caller passes it. */
export interface ParameterInput {
  readonly key: string;
  readonly value?: string;
  readonly usePreviousValue?: boolean;
}

const ssmValueType = /^AWS::SSM::Parameter::Value<(.+)>$/;
const plainTypes = new Set([
  'String',
  'Number',
  'CommaDelimitedList',
  'List<Number>',
  'List<String>',
  'AWS::SSM::Parameter::Name',
]);

/**
 * Settles the values of a template's parameters.
 *
 * @param previous those of the stack as deployed
 * @param parameterStore looks up a name in SSM; undefined when there is none
 * @throws AwsError ValidationError naming the parameter, in CloudFormation's words
 */
export function settleParameters(
  template: Template,
  inputs: readonly ParameterInput[],
  previous: ReadonlyMap<string, ParameterValue>,
  parameterStore: (name: string) => string | undefined,
): Map<string, ParameterValue> {
  const definitions = template.Parameters ?? {};
  const unknown = inputs.filter(({ key }) => !Object.hasOwn(definitions, key)).map(({ key }) => key);
  if (unknown.length > 0) {
    throw validationError(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  }
  const settled = new Map<string, ParameterValue>();
  const missing: string[] = [];
  for (const [name, definition] of Object.entries(definitions)) {
    const input = inputs.find(({ key }) => key === name);
    const given = input?.usePreviousValue ? previous.get(name)?.given : (input?.value ?? defaultOf(definition));
    if (given === undefined) missing.push(name);
    else settled.set(name, settle(name, definition, given, parameterStore));
  }
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(', ')}] must have values`);
  return settled;
}

function defaultOf({ Default }: ParameterDefinition): string | undefined {
  return Default === undefined ? undefined : String(Default);
}

function settle(
  name: string,
  definition: ParameterDefinition,
  given: string,
  parameterStore: (name: string) => string | undefined,
): ParameterValue {
  const noEcho = String(definition.NoEcho) === 'true';
  const storedType = ssmValueType.exec(definition.Type)?.[1];
  if (!plainTypes.has(storedType ?? definition.Type)) {
    throw notSupported(`the parameter type ${definition.Type} (parameter ${name})`);
  }
  checkConstraints(name, definition, given);
  if (storedType === undefined) return { given, value: listOrText(definition.Type, given), noEcho };
  const resolved = parameterStore(given);
  if (resolved === undefined) {
    throw validationError(`Unable to fetch parameters [${given}] from parameter store for this account.`);
  }
  return { given, value: listOrText(storedType, resolved), resolved, noEcho };
}

function listOrText(type: string, value: string): string | readonly string[] {
  if (type !== 'CommaDelimitedList' && !type.startsWith('List<')) return value;
  return value.split(',').map((item) => item.trim());
}

function checkConstraints(name: string, definition: ParameterDefinition, value: string): void {
  const { AllowedValues, AllowedPattern, ConstraintDescription, MinLength, MaxLength, MinValue, MaxValue } = definition;
  const refuse = (constraint: string) =>
    validationError(
      ConstraintDescription
        ? `Parameter ${name} failed to satisfy constraint: ${ConstraintDescription}`
        : `Parameter '${name}' ${constraint}`,
    );
  const items = listOrText(definition.Type, value);
  if (definition.Type === 'Number' && (value.trim() === '' || Number.isNaN(Number(value)))) {
    throw validationError(`Parameter '${name}' must be a number.`);
  }
  if (AllowedValues) {
    const allowed = AllowedValues.map(String);
    if (![items].flat().every((item) => allowed.includes(item))) throw refuse('must be one of AllowedValues');
  }
  if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(value)) {
    throw refuse(`must match pattern ${AllowedPattern}`);
  }
  if (MinLength !== undefined && value.length < Number(MinLength)) {
    throw refuse(`must contain at least ${MinLength} characters`);
  }
  if (MaxLength !== undefined && value.length > Number(MaxLength)) {
    throw refuse(`must contain at most ${MaxLength} characters`);
  }
  if (MinValue !== undefined && Number(value) < Number(MinValue))
    throw refuse(`must be a number not less than ${MinValue}`);
  if (MaxValue !== undefined && Number(value) > Number(MaxValue)) {
    throw refuse(`must be a number not greater than ${MaxValue}`);
  }
}
