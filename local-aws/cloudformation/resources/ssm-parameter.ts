import { AwsError } from '../../errors.ts';
import type { Properties, ResourceContext, ResourceProvider, ResourceResult } from '../resource-provider.ts';

/** The properties of `AWS::SSM::Parameter` that local-aws knows. */
interface ParameterProperties {
  readonly Name?: string;
  readonly Type?: string;
  readonly Value?: string;
}

/** `AWS::SSM::Parameter`, of the types String and StringList. */
export const ssmParameter: ResourceProvider = {
  type: 'AWS::SSM::Parameter',
  replaceOn: ['Name'],
  properties: ['Description', 'Name', 'Tags', 'Type', 'Value'],

  async create(context, properties) {
    const name = (properties as ParameterProperties).Name ?? `CFN-${context.generateName(200)}`;
    if (context.aws.parameters.get(context.region, name) !== undefined) {
      throw new AwsError('ParameterAlreadyExists', `${name} already exists in stack ${context.stackId}`);
    }
    return put(context, name, properties);
  },

  update: async (context, name, properties) => put(context, name, properties),

  async delete(context, name) {
    const { aws, region, authorize } = context;
    if (aws.parameters.get(region, name) === undefined) return;
    authorize('ssm:DeleteParameter', parameterArn(context, name));
    aws.parameters.delete(region, name);
  },
};

function put(context: ResourceContext, name: string, properties: Properties): ResourceResult {
  const { Type, Value } = properties as ParameterProperties;
  if ((Type !== 'String' && Type !== 'StringList') || Value === undefined) {
    throw new AwsError('ValidationException', 'A parameter needs a Value and the Type String or StringList.');
  }
  context.authorize('ssm:PutParameter', parameterArn(context, name));
  context.aws.parameters.put(context.region, name, String(Value), Type);
  return { physicalId: name, attributes: { Type, Value: String(Value) } };
}

function parameterArn({ aws, region }: ResourceContext, name: string): string {
  return `arn:${aws.partition}:ssm:${region}:${aws.account}:parameter/${name.replace(/^\//, '')}`;
}
