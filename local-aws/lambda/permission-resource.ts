import type { Properties, ResourceContext, ResourceProvider } from '../cloudformation/resource-provider.ts';
import { AwsError, notSupported } from '../errors.ts';

/** The properties of `AWS::Lambda::Permission` that local-aws knows. */
interface PermissionProperties {
  readonly Action?: string;
  readonly FunctionName?: string;
  readonly Principal?: string;
  readonly SourceAccount?: string;
  readonly SourceArn?: string;
}

const propertyNames = [
  'Action',
  'FunctionName',
  'Principal',
  'SourceAccount',
  'SourceArn',
] satisfies (keyof PermissionProperties)[];

/** `AWS::Lambda::Permission`: a statement of a function's own policy, by which a service may invoke the function. */
export const permissionResource: ResourceProvider = {
  type: 'AWS::Lambda::Permission',
  replaceOn: propertyNames,
  properties: propertyNames,

  async create(context, properties) {
    const { Action, Principal, SourceAccount, SourceArn } = properties as PermissionProperties;
    const functionName = functionNameOf(properties);
    if (Action !== 'lambda:InvokeFunction') throw notSupported(`the Action ${Action} of AWS::Lambda::Permission`);
    if (!Principal) throw required('Principal');
    const { arn } = context.aws.functions.get(context.region, functionName);
    context.authorize('lambda:AddPermission', arn, { 'lambda:Principal': Principal });
    const statementId = context.generateName(100);
    context.aws.functions.addPermission(context.region, functionName, statementId, {
      principal: Principal,
      ...(SourceAccount === undefined ? {} : { sourceAccount: String(SourceAccount) }),
      ...(SourceArn === undefined ? {} : { sourceArn: SourceArn }),
    });
    return { physicalId: statementId, attributes: { Id: statementId } };
  },

  update: async (_context, physicalId) => ({ physicalId, attributes: { Id: physicalId } }),

  async delete(context, statementId, properties) {
    const functionName = functionNameOf(properties);
    if (!exists(context, functionName)) return;
    context.authorize('lambda:RemovePermission', context.aws.functions.get(context.region, functionName).arn);
    context.aws.functions.removePermission(context.region, functionName, statementId);
  },
};

function functionNameOf({ FunctionName }: Properties): string {
  if (typeof FunctionName !== 'string' || FunctionName === '') throw required('FunctionName');
  return FunctionName;
}

function exists({ aws, region }: ResourceContext, functionName: string): boolean {
  return aws.functions
    .list(region)
    .some(({ arn, configuration }) => functionName === arn || functionName === configuration.functionName);
}

function required(name: string): AwsError {
  return new AwsError('ValidationError', `Properties validation failed: required key [${name}] not found`);
}
