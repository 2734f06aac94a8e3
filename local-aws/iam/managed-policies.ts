import type { Statement } from './policy.ts';

/**
 * The AWS managed policies that local-aws knows, by ARN. Where a policy of AWS speaks of more services than there are
 * here, it is cut down to those; nothing is added.
 */
export const managedPolicies: Readonly<Record<string, readonly Statement[]>> = {
  'arn:aws:iam::aws:policy/AdministratorAccess': [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  'arn:aws:iam::aws:policy/AWSCloudFormationReadOnlyAccess': [
    {
      Effect: 'Allow',
      Action: [
        'cloudformation:Describe*',
        'cloudformation:EstimateTemplateCost',
        'cloudformation:Get*',
        'cloudformation:List*',
        'cloudformation:ValidateTemplate',
        'cloudformation:Detect*',
      ],
      Resource: '*',
    },
  ],
  'arn:aws:iam::aws:policy/ReadOnlyAccess': [
    {
      Effect: 'Allow',
      Action: [
        'cloudformation:Describe*',
        'cloudformation:Detect*',
        'cloudformation:Estimate*',
        'cloudformation:Get*',
        'cloudformation:List*',
        'cloudformation:ValidateTemplate',
        'cloudtrail:Describe*',
        'cloudtrail:Get*',
        'cloudtrail:List*',
        'cloudtrail:LookupEvents',
        'ecr:BatchCheck*',
        'ecr:BatchGet*',
        'ecr:Describe*',
        'ecr:Get*',
        'ecr:List*',
        'iam:Generate*',
        'iam:Get*',
        'iam:List*',
        'iam:Simulate*',
        'lambda:Get*',
        'lambda:List*',
        'logs:Describe*',
        'logs:FilterLogEvents',
        'logs:Get*',
        'logs:ListTagsForResource',
        's3:Get*',
        's3:List*',
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetResourcePolicy',
        'secretsmanager:List*',
        'ssm:Describe*',
        'ssm:Get*',
        'ssm:List*',
        'sts:GetAccessKeyInfo',
        'sts:GetCallerIdentity',
      ],
      Resource: '*',
    },
  ],
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole': [
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: '*',
    },
  ],
};
