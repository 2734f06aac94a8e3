import { AwsError } from '../../errors.ts';
import { boundaryContext } from '../../iam/boundary-context.ts';
import type { PolicyDocument } from '../../iam/policy.ts';
import type { Properties, ResourceContext, ResourceProvider, ResourceResult } from '../resource-provider.ts';
import { policyDocument } from './policy-document.ts';
import { authorizeTagChanges } from './tag-changes.ts';

/** The properties of `AWS::IAM::Role` that local-aws knows. */
interface RoleProperties {
  readonly AssumeRolePolicyDocument?: unknown;
  readonly ManagedPolicyArns?: readonly string[];
  readonly Path?: string;
  readonly PermissionsBoundary?: string;
  readonly Policies?: readonly { readonly PolicyName: string; readonly PolicyDocument: unknown }[];
  readonly RoleName?: string;
}

/** `AWS::IAM::Role`: its policies count from the moment it is made. */
export const iamRole: ResourceProvider = {
  type: 'AWS::IAM::Role',
  replaceOn: ['RoleName', 'Path'],
  properties: [
    'AssumeRolePolicyDocument',
    'Description',
    'ManagedPolicyArns',
    'Path',
    'PermissionsBoundary',
    'Policies',
    'RoleName',
    'Tags',
  ],

  async create(context, properties) {
    const { aws, authorize } = context;
    const { RoleName, Path = '/', PermissionsBoundary } = properties as RoleProperties;
    const name = RoleName ?? context.generateName(64);
    const arn = aws.iam.roleArn(name, Path);
    authorize('iam:CreateRole', arn, boundaryContext(PermissionsBoundary));
    if (aws.iam.findRole(name))
      throw new AwsError('EntityAlreadyExists', `Role with name ${name} already exists.`, 409);
    return putRole(context, name, properties, {});
  },

  async update(context, name, properties, oldProperties) {
    const { aws, authorize } = context;
    const { arn } = aws.iam.role(name);
    authorize('iam:UpdateAssumeRolePolicy', arn);
    const { PermissionsBoundary: boundary } = properties as RoleProperties;
    if (boundary !== (oldProperties as RoleProperties).PermissionsBoundary) {
      const action = boundary === undefined ? 'DeleteRolePermissionsBoundary' : 'PutRolePermissionsBoundary';
      authorize(`iam:${action}`, arn, boundaryContext(boundary));
    }
    return putRole(context, name, properties, oldProperties);
  },

  async delete({ aws, authorize }, name, properties) {
    const role = aws.iam.findRole(name);
    if (!role) return;
    const { Policies = [], ManagedPolicyArns = [] } = properties as RoleProperties;
    const own = new Set(Policies.map(({ PolicyName }) => PolicyName));
    const bounded = boundaryContext(role.permissionsBoundary);
    for (const PolicyARN of ManagedPolicyArns) {
      authorize('iam:DetachRolePolicy', role.arn, { 'iam:PolicyARN': PolicyARN, ...bounded });
    }
    if (own.size > 0) authorize('iam:DeleteRolePolicy', role.arn, bounded);
    authorize('iam:DeleteRole', role.arn, bounded);
    if ([...role.inlinePolicies.keys()].some((policyName) => !own.has(policyName))) {
      throw new AwsError('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409);
    }
    aws.iam.deleteRole(name);
  },
};

function putRole(
  context: ResourceContext,
  name: string,
  properties: Properties,
  oldProperties: Properties,
): ResourceResult {
  const { aws, authorize } = context;
  const {
    AssumeRolePolicyDocument,
    ManagedPolicyArns = [],
    Path = '/',
    PermissionsBoundary,
    Policies = [],
  } = properties as RoleProperties;
  const before = oldProperties as RoleProperties;
  const arn = aws.iam.roleArn(name, Path);
  const trustPolicy = policyDocument(AssumeRolePolicyDocument, 'trust');
  const documents: [string, PolicyDocument][] = Policies.map((policy) => [
    policy.PolicyName,
    policyDocument(policy.PolicyDocument, 'identity'),
  ]);
  const bounded = boundaryContext(PermissionsBoundary);
  for (const PolicyARN of ManagedPolicyArns) {
    authorize('iam:AttachRolePolicy', arn, { 'iam:PolicyARN': PolicyARN, ...bounded });
  }
  if (Policies.length > 0) authorize('iam:PutRolePolicy', arn, bounded);
  authorizeTagChanges(context, arn, { tag: 'iam:TagRole', untag: 'iam:UntagRole' }, properties, oldProperties);
  // What AWS::IAM::Policy has attached is not the role's own, and stays.
  const attached = new Map(aws.iam.findRole(name)?.inlinePolicies);
  for (const { PolicyName } of before.Policies ?? []) attached.delete(PolicyName);
  if ((before.Policies ?? []).some(({ PolicyName }) => !documents.some(([kept]) => kept === PolicyName))) {
    authorize('iam:DeleteRolePolicy', arn, bounded);
  }
  const role = aws.iam.putRole({
    name,
    path: Path,
    trustPolicy,
    managedPolicyArns: ManagedPolicyArns,
    permissionsBoundary: PermissionsBoundary,
    inlinePolicies: { ...Object.fromEntries(attached), ...Object.fromEntries(documents) },
  });
  return { physicalId: name, attributes: { Arn: role.arn, RoleId: role.id } };
}
