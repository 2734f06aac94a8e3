import { AwsError } from '../../errors.ts';
import { boundaryContext } from '../../iam/boundary-context.ts';
import type { Properties, ResourceContext, ResourceProvider } from '../resource-provider.ts';
import { policyDocument } from './policy-document.ts';

/** The properties of `AWS::IAM::Policy` that local-aws knows: there are no users and groups here. */
interface PolicyProperties {
  readonly PolicyDocument?: unknown;
  readonly PolicyName?: string;
  readonly Roles?: readonly string[];
}

/** `AWS::IAM::Policy`: an inline policy of one or more roles. */
export const iamPolicy: ResourceProvider = {
  type: 'AWS::IAM::Policy',
  replaceOn: [],
  properties: ['PolicyDocument', 'PolicyName', 'Roles'],

  async create(context, properties) {
    put(context, properties);
    return { physicalId: context.generateName(128), attributes: {} };
  },

  async update(context, physicalId, properties, oldProperties) {
    put(context, properties);
    const { PolicyName, Roles = [] } = properties as PolicyProperties;
    const before = oldProperties as PolicyProperties;
    const isRenamed = before.PolicyName !== PolicyName;
    const left = (before.Roles ?? []).filter((role) => isRenamed || !Roles.includes(role));
    remove(context, { ...before, Roles: left });
    return { physicalId, attributes: {} };
  },

  async delete(context, _physicalId, properties) {
    remove(context, properties);
  },
};

function put({ aws, authorize }: ResourceContext, properties: Properties): void {
  const { PolicyDocument, PolicyName, Roles = [] } = properties as PolicyProperties;
  if (!PolicyName)
    throw new AwsError('ValidationError', 'Properties validation failed: required key [PolicyName] not found');
  if (Roles.length === 0) {
    throw new AwsError('ValidationError', 'At least one of [Groups,Roles,Users] must be non-empty.');
  }
  const document = policyDocument(PolicyDocument, 'identity');
  const roles = Roles.map((name) => aws.iam.role(name));
  for (const role of roles) authorize('iam:PutRolePolicy', role.arn, boundaryContext(role.permissionsBoundary));
  for (const role of roles) role.inlinePolicies.set(PolicyName, document);
}

function remove({ aws, authorize }: ResourceContext, properties: Properties): void {
  const { PolicyName = '', Roles = [] } = properties as PolicyProperties;
  for (const name of Roles) {
    const role = aws.iam.findRole(name);
    if (!role?.inlinePolicies.has(PolicyName)) continue;
    authorize('iam:DeleteRolePolicy', role.arn, boundaryContext(role.permissionsBoundary));
    role.inlinePolicies.delete(PolicyName);
  }
}
