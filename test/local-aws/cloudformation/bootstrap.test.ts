import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Aws } from '../../../local-aws/aws.ts';
import { bootstrapRegion } from '../../../local-aws/bootstrap.ts';
import { ImageStore } from '../../../local-aws/ecr/image-store.ts';
import { statementsOf } from '../../../local-aws/iam/policy.ts';
import { account, fakeAccount, region } from './fake-account.ts';

function bootstrapped() {
  const { aws } = fakeAccount();
  aws.images = new ImageStore(aws);
  bootstrapRegion(aws, region);
  const may = (role: string, action: string, resource: string): boolean => {
    const arn = aws.iam.roleArn(`cdk-hnb659fds-${role}-${account}-${region}`);
    const { principal } = aws.iam.assumeRole(aws.iam.administrator, arn, 'test');
    try {
      aws.iam.authorize(principal, action, resource);
      return true;
    } catch {
      return false;
    }
  };
  return { aws, may };
}

const bucketArn = `arn:aws:s3:::cdk-hnb659fds-assets-${account}-${region}`;
const repository = `cdk-hnb659fds-container-assets-${account}-${region}`;
const template = readFileSync(
  join(import.meta.dirname, '../../../node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml'),
  'utf8',
);

test('a Region has what `cdk bootstrap` makes, once', () => {
  const { aws } = bootstrapped();
  expect(aws.objects.hasBucket(`cdk-hnb659fds-assets-${account}-${region}`)).toBe(true);
  expect(aws.images.repository(region, repository)?.tagMutability).toBe('IMMUTABLE');
  expect(aws.parameters.find(region, '/cdk-bootstrap/hnb659fds/version')?.version).toBe(1);
  bootstrapRegion(aws, region);
  expect(aws.parameters.find(region, '/cdk-bootstrap/hnb659fds/version')?.version).toBe(1);
  bootstrapRegion(aws, 'us-west-2');
  expect(aws.iam.roles()).toHaveLength(10);
});

/** Deploys the template as the CLI does, with the parameters that it gives when it is told nothing. */
async function bootstrappedByTheCli(parameters: Readonly<Record<string, string>> = {}) {
  const { aws } = fakeAccount();
  aws.images = new ImageStore(aws);
  const deploy = (more: Readonly<Record<string, string>> = {}) =>
    aws.stacks.deploy({
      region,
      stackName: 'CDKToolkit',
      template: parse(template, { schema: 'core' }),
      parameters: { FileAssetsBucketKmsKeyId: 'AWS_MANAGED_KEY', ...parameters, ...more },
    });
  const { outputs } = await deploy();
  return { aws, outputs, deploy };
}

const rolesOf = ({ iam }: Pick<Aws, 'iam'>) =>
  Object.fromEntries(
    iam.roles().map(({ name, trustPolicy, managedPolicyArns, permissionsBoundary, inlinePolicies }) => [
      name,
      {
        trust: statementsOf(trustPolicy),
        managedPolicyArns,
        permissionsBoundary,
        inline: Object.fromEntries([...inlinePolicies].map(([policy, document]) => [policy, statementsOf(document)])),
      },
    ]),
  );

test("what is there from the start is what the CLI's own template makes", async () => {
  const { aws: before } = bootstrapped();
  const { aws, outputs } = await bootstrappedByTheCli();
  expect(rolesOf(before)).toEqual(rolesOf(aws));
  const version = '/cdk-bootstrap/hnb659fds/version';
  expect(before.parameters.get(region, version)).toBe(aws.parameters.get(region, version));
  const bucket = outputs.BucketName as string;
  expect(before.objects.hasBucket(bucket)).toBe(true);
  expect(before.objects.policyOf(bucket)).toEqual(aws.objects.policyOf(bucket));
  const settings = ({ images }: typeof aws) => {
    const { created: _created, ...rest } = images.repository(region, outputs.ImageRepositoryName as string) ?? {};
    return rest;
  };
  expect(settings(before)).toEqual(settings(aws));
});

test('a second bootstrap changes nothing; another qualifier makes another', async () => {
  const { aws, deploy } = await bootstrappedByTheCli();
  const roles = rolesOf(aws);
  const events = aws.stacks.get(region, 'CDKToolkit').events.length;
  await deploy();
  expect(rolesOf(aws)).toEqual(roles);
  expect(aws.stacks.get(region, 'CDKToolkit').events).toHaveLength(events);
  const { outputs } = await bootstrappedByTheCli({ Qualifier: 'outbauth' });
  expect(outputs.BucketName).toBe(`cdk-outbauth-assets-${account}-${region}`);
});

test('a boundary and policies of the execution role are those that it is told', async () => {
  const { aws } = fakeAccount();
  aws.images = new ImageStore(aws);
  const statement = { Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] } as const;
  for (const name of ['Boundary', 'Execution'])
    aws.iam.customerPolicies.put(aws.iam.customerPolicies.arn(name), statement);
  const { outputs: _outputs } = await aws.stacks.deploy({
    region,
    stackName: 'CDKToolkit',
    template: parse(template, { schema: 'core' }),
    parameters: {
      FileAssetsBucketKmsKeyId: 'AWS_MANAGED_KEY',
      InputPermissionsBoundary: 'Boundary',
      CloudFormationExecutionPolicies: aws.iam.customerPolicies.arn('Execution'),
    },
  });
  const role = aws.iam.role(`cdk-hnb659fds-cfn-exec-role-${account}-${region}`);
  expect(role.permissionsBoundary).toBe(aws.iam.customerPolicies.arn('Boundary'));
  expect(role.managedPolicyArns).toEqual([aws.iam.customerPolicies.arn('Execution')]);
});

test('a key of its own is refused by name: local-aws has no KMS', async () => {
  await expect(bootstrappedByTheCli({ FileAssetsBucketKmsKeyId: '' })).rejects.toThrow(
    'the resource type AWS::KMS::Key (resource FileAssetsBucketEncryptionKey)',
  );
});

test('the bucket outlives its stack, the repository does not unless it holds images', async () => {
  const { aws, outputs } = await bootstrappedByTheCli();
  await aws.stacks.destroy(region, 'CDKToolkit');
  expect(aws.objects.hasBucket(outputs.BucketName as string)).toBe(true);
  expect(aws.images.repository(region, outputs.ImageRepositoryName as string)).toBeUndefined();
  expect(aws.iam.roles()).toEqual([]);
});

test("the bucket's policy counts: who does not come by TLS is refused", async () => {
  const { aws, outputs } = await bootstrappedByTheCli();
  const bucket = outputs.BucketName as string;
  const get = (secure: boolean) => () =>
    aws.iam.authorize(
      aws.iam.administrator,
      's3:GetObject',
      `arn:aws:s3:::${bucket}/x`,
      { 'aws:SecureTransport': String(secure) },
      aws.objects.policyOf(bucket),
    );
  expect(get(true)).not.toThrow();
  expect(get(false)).toThrow('with an explicit deny in a resource-based policy');
});

test.each<[string, string, string, boolean]>([
  ['deploy-role', 'cloudformation:CreateChangeSet', '*', true],
  ['deploy-role', 'cloudformation:DescribeStacks', '*', true],
  ['deploy-role', 's3:GetObject', `${bucketArn}/x`, true],
  ['deploy-role', 's3:PutObject', `${bucketArn}/x`, false],
  [
    'deploy-role',
    'iam:PassRole',
    `arn:aws:iam::${account}:role/cdk-hnb659fds-cfn-exec-role-${account}-${region}`,
    true,
  ],
  ['deploy-role', 'iam:PassRole', `arn:aws:iam::${account}:role/another`, false],
  ['deploy-role', 'secretsmanager:GetSecretValue', '*', false],
  ['file-publishing-role', 's3:PutObject', `${bucketArn}/x`, true],
  ['file-publishing-role', 's3:PutObject', 'arn:aws:s3:::another/x', false],
  ['file-publishing-role', 'cloudformation:CreateChangeSet', '*', false],
  ['image-publishing-role', 'ecr:PutImage', `arn:aws:ecr:${region}:${account}:repository/${repository}`, true],
  ['image-publishing-role', 'ecr:PutImage', `arn:aws:ecr:${region}:${account}:repository/another`, false],
  ['lookup-role', 'ssm:GetParameter', '*', true],
  ['lookup-role', 'secretsmanager:GetSecretValue', '*', false],
  ['lookup-role', 'bedrock-agentcore:GetResourceApiKey', '*', false],
])('the %s may %s on %s: %s', (role, action, resource, expected) => {
  expect(bootstrapped().may(role, action, resource)).toBe(expected);
});

test('only CloudFormation works with the execution role, which may do all', () => {
  const { aws } = bootstrapped();
  const arn = aws.iam.roleArn(`cdk-hnb659fds-cfn-exec-role-${account}-${region}`);
  expect(() => aws.iam.assumeRole(aws.iam.administrator, arn, 'me')).toThrow(
    'not authorized to perform: sts:AssumeRole',
  );
  const { principal } = aws.iam.assumeRoleAsService(arn, 'cloudformation.amazonaws.com', 'AWSCloudFormation');
  expect(() => aws.iam.authorize(principal, 'iam:CreateRole', '*')).not.toThrow();
});

test('an outsider with an external id cannot assume the roles', () => {
  const { aws } = bootstrapped();
  const arn = aws.iam.roleArn(`cdk-hnb659fds-deploy-role-${account}-${region}`);
  const context = { 'sts:ExternalId': 'x' };
  expect(() => aws.iam.assumeRole(aws.iam.administrator, arn, 'me', { context })).toThrow('sts:AssumeRole');
});
