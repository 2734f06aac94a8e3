import type { Aws } from './aws.ts';
import type { PolicyDocument, Statement } from './iam/policy.ts';

/** The qualifier of the CDK's own bootstrap. */
const qualifier = 'hnb659fds';

/** The version of the bootstrap template that the CLI 2.1148.1 carries, and that its resources here are taken from. */
const templateVersion = '33';

const keyActions = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'];

const versionParameter = `/cdk-bootstrap/${qualifier}/version`;

/** Prepares the account for the CDK. What is regional waits until a Region is first seen: see `bootstrapRegion`. */
export function bootstrap(aws: Aws): void {
  bootstrapRegion(aws, 'us-east-1');
}

/**
 * Makes in one Region what `cdk bootstrap` makes with its default settings: a bucket and a repository for assets, the
 * parameter with the version, and the five roles. Done once: called again, it changes nothing. It is quicker than the
 * CLI's own template, which a test holds it against.
 */
export function bootstrapRegion(aws: Aws, region: string): void {
  if (aws.parameters.get(region, versionParameter) !== undefined) return;
  const { account, partition } = aws;
  const place = `${account}-${region}`;
  const roleName = (role: string) => `cdk-${qualifier}-${role}-${place}`;
  const bucket = `cdk-${qualifier}-assets-${place}`;
  const repository = `cdk-${qualifier}-container-assets-${place}`;
  const bucketArns = [`arn:${partition}:s3:::${bucket}`, `arn:${partition}:s3:::${bucket}/*`];
  const managed = (name: string) => `arn:${partition}:iam::aws:policy/${name}`;

  aws.objects.createBucket(bucket, region);
  aws.objects.setPolicy(bucket, {
    Id: 'AccessControl',
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'AllowSSLRequestsOnly',
        Action: 's3:*',
        Effect: 'Deny',
        Resource: bucketArns,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        Principal: '*',
      },
    ],
  });
  aws.images.createRepository(region, repository, { tagMutability: 'IMMUTABLE' });
  aws.parameters.put(region, versionParameter, templateVersion);

  aws.iam.putRole({
    name: roleName('cfn-exec-role'),
    trustPolicy: document([
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'cloudformation.amazonaws.com' } },
    ]),
    managedPolicyArns: [managed('AdministratorAccess')],
  });
  aws.iam.putRole({
    name: roleName('deploy-role'),
    trustPolicy: trustOfAccount(account),
    managedPolicyArns: [managed('AWSCloudFormationReadOnlyAccess')],
    inlinePolicies: {
      default: document(
        deployStatements({
          account,
          region,
          bucketArns,
          executionRoleArn: aws.iam.roleArn(roleName('cfn-exec-role')),
          versionParameterArn: `arn:${partition}:ssm:${region}:${account}:parameter${versionParameter}`,
        }),
      ),
    },
  });
  aws.iam.putRole({
    name: roleName('file-publishing-role'),
    trustPolicy: trustOfAccount(account),
    inlinePolicies: {
      [`cdk-${qualifier}-file-publishing-role-default-policy-${place}`]: document([
        {
          Effect: 'Allow',
          Action: [
            's3:GetObject*',
            's3:GetBucket*',
            's3:GetEncryptionConfiguration',
            's3:List*',
            's3:DeleteObject*',
            's3:PutObject*',
            's3:Abort*',
          ],
          Resource: bucketArns,
          Condition: { StringEquals: { 'aws:ResourceAccount': [account] } },
        },
        {
          Effect: 'Allow',
          Action: keyActions,
          // AWS's own key: the template writes what the CLI calls it.
          Resource: `arn:${partition}:kms:${region}:${account}:key/AWS_MANAGED_KEY`,
        },
      ]),
    },
  });
  aws.iam.putRole({
    name: roleName('image-publishing-role'),
    trustPolicy: trustOfAccount(account),
    inlinePolicies: {
      [`cdk-${qualifier}-image-publishing-role-default-policy-${place}`]: document([
        {
          Effect: 'Allow',
          Action: [
            'ecr:PutImage',
            'ecr:InitiateLayerUpload',
            'ecr:UploadLayerPart',
            'ecr:CompleteLayerUpload',
            'ecr:BatchCheckLayerAvailability',
            'ecr:DescribeRepositories',
            'ecr:DescribeImages',
            'ecr:BatchGetImage',
            'ecr:GetDownloadUrlForLayer',
          ],
          Resource: `arn:${partition}:ecr:${region}:${account}:repository/${repository}`,
        },
        { Effect: 'Allow', Action: ['ecr:GetAuthorizationToken'], Resource: '*' },
      ]),
    },
  });
  aws.iam.putRole({
    name: roleName('lookup-role'),
    trustPolicy: trustOfAccount(account),
    managedPolicyArns: [managed('ReadOnlyAccess')],
    inlinePolicies: {
      LookupRolePolicy: document([{ Sid: 'DontReadSecrets', Effect: 'Deny', Action: ['kms:Decrypt'], Resource: '*' }]),
    },
  });
}

/** The account may assume the role, but not on behalf of someone outside who gives an external id. */
function trustOfAccount(account: string): PolicyDocument {
  return document([
    {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { AWS: account },
      Condition: { Null: { 'sts:ExternalId': 'true' } },
    },
    { Effect: 'Allow', Action: 'sts:TagSession', Principal: { AWS: account } },
  ]);
}

/** The statements of the deploy role, in the order of the template. */
function deployStatements(names: {
  account: string;
  region: string;
  bucketArns: readonly string[];
  executionRoleArn: string;
  versionParameterArn: string;
}): Statement[] {
  return [
    {
      Sid: 'DeployPermissions',
      Effect: 'Allow',
      Action: [
        'cloudformation:CreateChangeSet',
        'cloudformation:DeleteChangeSet',
        'cloudformation:ExecuteChangeSet',
        'cloudformation:CreateStack',
        'cloudformation:UpdateStack',
        'cloudformation:RollbackStack',
        'cloudformation:ContinueUpdateRollback',
      ],
      Resource: '*',
    },
    {
      Sid: 'PipelineCrossAccountArtifactsBucket',
      Effect: 'Allow',
      Action: ['s3:GetObject*', 's3:GetBucket*', 's3:List*', 's3:Abort*', 's3:DeleteObject*', 's3:PutObject*'],
      Resource: '*',
      Condition: { StringNotEquals: { 's3:ResourceAccount': names.account } },
    },
    {
      Sid: 'PipelineCrossAccountArtifactsKey',
      Effect: 'Allow',
      Action: keyActions,
      Resource: '*',
      Condition: { StringEquals: { 'kms:ViaService': `s3.${names.region}.amazonaws.com` } },
    },
    { Effect: 'Allow', Action: 'iam:PassRole', Resource: names.executionRoleArn },
    {
      Sid: 'CliPermissions',
      Effect: 'Allow',
      Action: ['cloudformation:DeleteStack', 'cloudformation:UpdateTerminationProtection', 'sts:GetCallerIdentity'],
      Resource: '*',
    },
    {
      Sid: 'CliStagingBucket',
      Effect: 'Allow',
      Action: ['s3:GetObject*', 's3:GetBucket*', 's3:List*'],
      Resource: names.bucketArns,
    },
    {
      Sid: 'ReadVersion',
      Effect: 'Allow',
      Action: ['ssm:GetParameter', 'ssm:GetParameters'],
      Resource: [names.versionParameterArn],
    },
    {
      Sid: 'Refactor',
      Effect: 'Allow',
      Action: ['cloudformation:CreateStackRefactor', 'cloudformation:ExecuteStackRefactor'],
      Resource: '*',
    },
  ];
}

function document(statements: readonly Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}
