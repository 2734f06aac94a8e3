import { AwsError } from '../../errors.ts';
import type { ResourceProvider, ResourceResult } from '../resource-provider.ts';
import { policyDocument } from './policy-document.ts';

/** The properties of `AWS::IAM::ManagedPolicy` that local-aws knows: roles name it, it names no roles. */
interface ManagedPolicyProperties {
  readonly ManagedPolicyName?: string;
  readonly Path?: string;
  readonly PolicyDocument?: unknown;
}

/** `AWS::IAM::ManagedPolicy`: a policy that roles have by its ARN, or that is their permissions boundary. */
export const iamManagedPolicy: ResourceProvider = {
  type: 'AWS::IAM::ManagedPolicy',
  replaceOn: ['ManagedPolicyName', 'Path', 'Description'],
  properties: ['Description', 'ManagedPolicyName', 'Path', 'PolicyDocument'],

  async create(context, properties) {
    const { aws, authorize } = context;
    const { ManagedPolicyName, Path, PolicyDocument } = properties as ManagedPolicyProperties;
    const name = ManagedPolicyName ?? context.generateName(128);
    const arn = aws.iam.customerPolicies.arn(name, Path);
    authorize('iam:CreatePolicy', arn);
    if (aws.iam.customerPolicies.has(arn)) {
      throw new AwsError('EntityAlreadyExists', `A policy called ${name} already exists.`, 409);
    }
    aws.iam.customerPolicies.put(arn, policyDocument(PolicyDocument, 'identity'));
    return made(arn);
  },

  async update({ aws, authorize }, arn, properties) {
    authorize('iam:CreatePolicyVersion', arn);
    const { PolicyDocument } = properties as ManagedPolicyProperties;
    aws.iam.customerPolicies.put(arn, policyDocument(PolicyDocument, 'identity'));
    return made(arn);
  },

  async delete({ aws, authorize }, arn) {
    if (!aws.iam.customerPolicies.has(arn)) return;
    authorize('iam:DeletePolicy', arn);
    aws.iam.deleteCustomerPolicy(arn);
  },
};

function made(arn: string): ResourceResult {
  return { physicalId: arn, attributes: { PolicyArn: arn } };
}
