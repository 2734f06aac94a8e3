import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrapRegion } from '../../../local-aws/bootstrap.ts';
import { ImageStore } from '../../../local-aws/ecr/image-store.ts';
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

test("the version is that of the CLI's own template, and every action of its roles is there", () => {
  const { aws } = bootstrapped();
  const version = /Value: '(\d+)'/.exec(template.slice(template.indexOf('CdkBootstrapVersion:\n')))?.[1];
  expect(aws.parameters.get(region, '/cdk-bootstrap/hnb659fds/version')).toBe(version);
  const roles = template.slice(
    template.indexOf('  FilePublishingRole:\n'),
    template.indexOf('  CdkBoostrapPermissionsBoundaryPolicy:'),
  );
  const actions = new Set(
    [...roles.matchAll(/^ +- ((?:cloudformation|ecr|s3|ssm):[A-Za-z]+\*?)/gm)].map(([, action]) => action),
  );
  const here = JSON.stringify(aws.iam.roles().map(({ inlinePolicies }) => [...inlinePolicies.values()]));
  expect(actions.size).toBeGreaterThan(25);
  expect([...actions].filter((action) => !here.includes(`"${action}"`))).toEqual([]);
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
