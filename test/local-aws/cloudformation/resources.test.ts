import { fakeAccount, region } from './fake-account.ts';

const trust = (service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
});
const allow = (Action: string) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
const role = (properties: Record<string, unknown> = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: { AssumeRolePolicyDocument: trust('lambda.amazonaws.com'), ...properties },
});
const policy = (PolicyName: string, action: string, roles: unknown[] = [{ Ref: 'R' }]) => ({
  Type: 'AWS::IAM::Policy',
  Properties: { PolicyName, PolicyDocument: allow(action), Roles: roles },
});
const may = ({ aws }: ReturnType<typeof fakeAccount>, roleArn: string, action: string): boolean => {
  const { principal } = aws.iam.assumeRoleAsService(roleArn, 'lambda.amazonaws.com', 'test');
  try {
    aws.iam.authorize(principal, action, 'arn:aws:s3:::any');
    return true;
  } catch {
    return false;
  }
};

describe('AWS::IAM::Role and AWS::IAM::Policy', () => {
  const outputs = { Outputs: { Arn: { Value: { 'Fn::GetAtt': ['R', 'Arn'] } }, Name: { Value: { Ref: 'R' } } } };

  test('count from the moment they are deployed, follow updates and are gone afterwards', async () => {
    const fake = fakeAccount();
    const own = { Policies: [{ PolicyName: 'own', PolicyDocument: allow('s3:GetObject') }] };
    const first = await fake.deploy('S', { R: role(own), P: policy('more', 's3:PutObject') }, outputs);
    const { Arn = '', Name = '' } = first.outputs;
    expect(Arn).toBe(`arn:aws:iam::111122223333:role/${Name}`);
    expect(Name).toMatch(/^S-R-[A-Za-z0-9]{12}$/);
    expect([may(fake, Arn, 's3:GetObject'), may(fake, Arn, 's3:PutObject')]).toEqual([true, true]);

    await fake.deploy('S', { R: role(), P: policy('more', 's3:ListBucket') }, outputs);
    expect(['s3:GetObject', 's3:PutObject', 's3:ListBucket'].map((action) => may(fake, Arn, action))).toEqual([
      false,
      false,
      true,
    ]);

    await fake.deploy('S', { R: role(own) }, outputs);
    expect([may(fake, Arn, 's3:GetObject'), may(fake, Arn, 's3:ListBucket')]).toEqual([true, false]);

    await fake.aws.stacks.destroy(region, 'S');
    expect(fake.aws.iam.findRole(Name)).toBeUndefined();
  });

  test('a renamed policy leaves nothing of its old name', async () => {
    const fake = fakeAccount();
    const { outputs: made } = await fake.deploy('S', { R: role(), P: policy('old', 's3:GetObject') }, outputs);
    await fake.deploy('S', { R: role(), P: policy('new', 's3:PutObject') }, outputs);
    expect([...fake.aws.iam.role(made.Name as string).inlinePolicies.keys()]).toEqual(['new']);
  });

  test('a role of another path is a new role', async () => {
    const fake = fakeAccount();
    const before = await fake.deploy('S', { R: role() }, outputs);
    const after = await fake.deploy('S', { R: role({ Path: '/app/' }) }, outputs);
    expect(after.outputs.Arn).toContain(':role/app/');
    expect(fake.aws.iam.findRole(before.outputs.Name as string)).toBeUndefined();
  });

  test.each<[string, Record<string, unknown>, string]>([
    [
      'a name that is taken',
      { A: role({ RoleName: 'x' }), B: { ...role({ RoleName: 'x' }), DependsOn: 'A' } },
      'Role with name x already exists.',
    ],
    [
      'a trust policy without a principal',
      { A: role({ AssumeRolePolicyDocument: allow('sts:AssumeRole') }) },
      'AssumeRolePolicy must contain a Principal.',
    ],
    [
      'a policy without a resource',
      { A: role({ Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: { Effect: 'Allow', Action: '*' } } }] }) },
      'Policy statement must contain resources.',
    ],
    [
      'a policy on a role that is not there',
      { P: policy('p', 's3:*', ['nobody']) },
      'The role nobody cannot be found.',
    ],
    ['a policy on nothing', { P: policy('p', 's3:*', []) }, 'must be non-empty'],
    [
      'a managed policy that local-aws does not know',
      { A: role({ ManagedPolicyArns: ['arn:aws:iam::aws:policy/Foo'] }) },
      'does not support the managed policy arn:aws:iam::aws:policy/Foo',
    ],
  ])('refuse %s', async (_name, resources, message) => {
    await expect(fakeAccount().deploy('S', resources)).rejects.toThrow(message);
  });

  test('a role that still has a policy of someone else is not deleted', async () => {
    const fake = fakeAccount();
    const { outputs: made } = await fake.deploy('S', { R: role() }, outputs);
    await fake.deploy('Other', { P: policy('p', 's3:*', [made.Name]) });
    await expect(fake.aws.stacks.destroy(region, 'S')).rejects.toThrow(
      'Cannot delete entity, must delete policies first.',
    );
  });
});

describe('AWS::IAM::ManagedPolicy', () => {
  const managed = (action: string, properties: Record<string, unknown> = {}) => ({
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: { PolicyDocument: allow(action), ...properties },
  });
  const outputs = { Outputs: { Arn: { Value: { 'Fn::GetAtt': ['R', 'Arn'] } }, Policy: { Value: { Ref: 'B' } } } };

  test('counts for the roles that have it, and follows its updates', async () => {
    const fake = fakeAccount();
    const having = role({ ManagedPolicyArns: [{ Ref: 'B' }] });
    const { outputs: made } = await fake.deploy(
      'S',
      { B: managed('s3:GetObject', { Path: '/p/' }), R: having },
      outputs,
    );
    const { Arn = '', Policy } = made;
    expect(Policy).toMatch(/^arn:aws:iam::111122223333:policy\/p\/S-B-/);
    expect(may(fake, Arn, 's3:GetObject')).toBe(true);
    await fake.deploy('S', { B: managed('s3:PutObject', { Path: '/p/' }), R: having }, outputs);
    expect([may(fake, Arn, 's3:GetObject'), may(fake, Arn, 's3:PutObject')]).toEqual([false, true]);
  });

  test('bounds a role: what counts is in both, and the boundary allows nothing by itself', async () => {
    const fake = fakeAccount();
    const bounded = (boundary: unknown) =>
      role({ PermissionsBoundary: boundary, Policies: [{ PolicyName: 'own', PolicyDocument: allow('s3:*Object') }] });
    const actions = ['s3:GetObject', 's3:PutObject', 's3:ListBucket'];
    const first = await fake.deploy('S', { B: managed('s3:GetObject'), R: bounded({ Ref: 'B' }) }, outputs);
    const { Arn = '' } = first.outputs;
    expect(actions.map((action) => may(fake, Arn, action))).toEqual([true, false, false]);
    await fake.deploy('S', { B: managed('s3:*'), R: bounded({ Ref: 'B' }) }, outputs);
    expect(actions.map((action) => may(fake, Arn, action))).toEqual([true, true, false]);
    await fake.deploy('S', { B: managed('s3:GetObject'), R: bounded(undefined) }, outputs);
    expect(actions.map((action) => may(fake, Arn, action))).toEqual([true, true, false]);
  });

  test('is not deleted while a role is bounded by it', async () => {
    const fake = fakeAccount();
    const made = await fake.deploy('Platform', { B: managed('s3:*') }, { Outputs: { Arn: { Value: { Ref: 'B' } } } });
    await fake.deploy('S', { R: role({ PermissionsBoundary: made.outputs.Arn }) });
    await expect(fake.aws.stacks.destroy(region, 'Platform')).rejects.toThrow(
      'Cannot delete a policy attached to entities.',
    );
  });

  test.each<[string, Record<string, unknown>, string]>([
    [
      'a boundary that is not there',
      { R: role({ PermissionsBoundary: 'arn:aws:iam::111122223333:policy/none' }) },
      'Policy arn:aws:iam::111122223333:policy/none does not exist or is not attachable.',
    ],
    [
      'a boundary of AWS that local-aws does not know',
      { R: role({ PermissionsBoundary: 'arn:aws:iam::aws:policy/PowerUserAccess' }) },
      'does not support the managed policy arn:aws:iam::aws:policy/PowerUserAccess',
    ],
    [
      'a name that is taken',
      {
        A: managed('s3:*', { ManagedPolicyName: 'x' }),
        B: { ...managed('s3:*', { ManagedPolicyName: 'x' }), DependsOn: 'A' },
      },
      'A policy called x already exists.',
    ],
    ['a policy that is too long', { A: managed('s3:*'.padEnd(6200, 'x')) }, 'Cannot exceed quota for PolicySize: 6144'],
    ['roles that it attaches itself to', { A: managed('s3:*', { Roles: ['r'] }) }, 'Roles'],
  ])('refuses %s', async (_name, resources, message) => {
    await expect(fakeAccount().deploy('S', resources)).rejects.toThrow(message);
  });
});

describe('AWS::Logs::LogGroup', () => {
  const group = (properties: Record<string, unknown>) => ({ Type: 'AWS::Logs::LogGroup', Properties: properties });

  test('is made with its retention, changes it, and is deleted', async () => {
    const { aws, deploy } = fakeAccount();
    const outputs = { Outputs: { Arn: { Value: { 'Fn::GetAtt': ['L', 'Arn'] } } } };
    const made = await deploy('S', { L: group({ LogGroupName: '/mine', RetentionInDays: 7 }) }, outputs);
    expect(made.outputs.Arn).toBe(`arn:aws:logs:${region}:111122223333:log-group:/mine:*`);
    expect(aws.logs.group(region, '/mine')?.retentionInDays).toBe(7);
    await deploy('S', { L: group({ LogGroupName: '/mine' }) }, outputs);
    expect(aws.logs.group(region, '/mine')?.retentionInDays).toBeUndefined();
    await aws.stacks.destroy(region, 'S');
    expect(aws.logs.hasGroup(region, '/mine')).toBe(false);
  });

  test('gets a KMS key, and loses it, without losing its retention', async () => {
    const { aws, deploy } = fakeAccount();
    const settings = { LogGroupName: '/mine', RetentionInDays: 7 };
    await deploy('S', { L: group(settings) });
    await deploy('S', { L: group({ ...settings, KmsKeyId: 'arn:aws:kms:key' }) });
    expect(aws.logs.group(region, '/mine')).toMatchObject({ kmsKeyId: 'arn:aws:kms:key', retentionInDays: 7 });
    await deploy('S', { L: group(settings) });
    expect(aws.logs.group(region, '/mine')).not.toHaveProperty('kmsKeyId');
  });

  test('does not take over a group that is there', async () => {
    const { aws, deploy } = fakeAccount();
    aws.logs.createGroup(region, '/mine');
    await expect(deploy('S', { L: group({ LogGroupName: '/mine' }) })).rejects.toThrow(
      /already exists.*HandlerErrorCode: AlreadyExists/,
    );
    expect(aws.logs.hasGroup(region, '/mine')).toBe(true);
  });
});

describe('AWS::SSM::Parameter', () => {
  const parameter = (Value: string) => ({
    Type: 'AWS::SSM::Parameter',
    Properties: { Name: '/a/b', Type: 'String', Value },
  });

  test('is written, read by other stacks in both ways, changed and deleted', async () => {
    const { aws, things, deploy } = fakeAccount();
    await deploy('S', { P: parameter('one') });
    const reading = {
      Parameters: { FromStore: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/a/b' } },
    };
    const reader = {
      A: { Type: 'AWS::Test::Thing', Properties: { Value: '<{{resolve:ssm:/a/b}}>', Needs: { Ref: 'FromStore' } } },
    };
    await deploy('Reader', reader, reading);
    expect(things.existing.get('A-1')).toEqual({ Value: '<one>', Needs: 'one' });
    await deploy('S', { P: parameter('two') });
    await deploy('Reader', reader, reading);
    expect(things.existing.get('A-1')).toEqual({ Value: '<two>', Needs: 'two' });
    await aws.stacks.destroy(region, 'S');
    expect(aws.parameters.get(region, '/a/b')).toBeUndefined();
  });

  test('of the type SecureString is refused', async () => {
    const secure = { Type: 'AWS::SSM::Parameter', Properties: { Name: 'x', Type: 'SecureString', Value: 'y' } };
    await expect(fakeAccount().deploy('S', { P: secure })).rejects.toThrow('Type String or StringList');
  });
});

test('what makes nothing can be in a stack', async () => {
  const { aws, deploy } = fakeAccount();
  await deploy('S', {
    M: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'v2:deflate64:x' } },
    W: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
  });
  await aws.stacks.destroy(region, 'S');
});
