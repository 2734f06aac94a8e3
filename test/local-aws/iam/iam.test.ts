import { Iam } from '../../../local-aws/iam/iam.ts';
import { onBehalfOf, type Principal } from '../../../local-aws/iam/principal.ts';
import { account, trustOfAccount } from '../http/start-services.ts';

const bucket = 'arn:aws:s3:::assets';

function roleSession(iam: Iam, name: string, statements: object[]): Principal {
  iam.putRole({ name, trustPolicy: trustOfAccount, inlinePolicies: { p: { Statement: statements as never } } });
  return iam.assumeRole(iam.administrator, iam.roleArn(name), 'session').principal;
}

describe('keys', () => {
  test('that local-aws did not issue are the administrator, who may do everything', () => {
    const iam = new Iam(account);
    const principal = iam.principalOf('AKIAIOSFODNN7EXAMPLE');
    expect(principal).toEqual(iam.administrator);
    expect(() => iam.authorize(principal, 's3:DeleteBucket', bucket)).not.toThrow();
  });

  test('of a role count for that role, as GetCallerIdentity names it', () => {
    const iam = new Iam(account);
    iam.putRole({ name: 'reader', trustPolicy: trustOfAccount });
    const { accessKeyId } = iam.assumeRole(iam.administrator, iam.roleArn('reader'), 'me');
    expect(iam.principalOf(accessKeyId)).toMatchObject({
      kind: 'role',
      arn: `arn:aws:sts::${account}:assumed-role/reader/me`,
      roleArn: `arn:aws:iam::${account}:role/reader`,
    });
  });

  test('die with their role, and do not come back with a new role of the same name', () => {
    const iam = new Iam(account);
    iam.putRole({ name: 'reader', trustPolicy: trustOfAccount });
    const { accessKeyId } = iam.assumeRole(iam.administrator, iam.roleArn('reader'), 'me');
    iam.deleteRole('reader');
    iam.putRole({ name: 'reader', trustPolicy: trustOfAccount });
    expect(() => iam.principalOf(accessKeyId)).toThrow('The security token included in the request is invalid.');
  });

  test('that look issued but are not are refused', () => {
    expect(() => new Iam(account).principalOf('ASIALOCAL0123456789A')).toThrow(
      expect.objectContaining({ code: 'InvalidClientTokenId', status: 403 }),
    );
  });

  test('expire', () => {
    const iam = new Iam(account);
    iam.putRole({ name: 'reader', trustPolicy: trustOfAccount });
    const { accessKeyId } = iam.assumeRole(iam.administrator, iam.roleArn('reader'), 'me', { durationSeconds: -1 });
    expect(() => iam.principalOf(accessKeyId)).toThrow(expect.objectContaining({ code: 'ExpiredTokenException' }));
  });
});

describe('a permissions boundary', () => {
  const boundary = `arn:aws:iam::${account}:policy/Boundary`;

  function bounded(
    boundaryStatements: object[],
    statements: object[] = [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
  ) {
    const iam = new Iam(account);
    iam.customerPolicies.put(boundary, { Statement: boundaryStatements as never });
    iam.putRole({
      name: 'reader',
      trustPolicy: trustOfAccount,
      permissionsBoundary: boundary,
      inlinePolicies: { p: { Statement: statements as never } },
    });
    const { principal } = iam.assumeRole(iam.administrator, iam.roleArn('reader'), 'session');
    return { iam, authorize: (...question: [string, string]) => iam.authorize(principal, ...question), principal };
  }

  test('takes what it does not allow, and says so', () => {
    const { authorize } = bounded([{ Effect: 'Allow', Action: 's3:Get*', Resource: `${bucket}/*` }]);
    expect(() => authorize('s3:GetObject', `${bucket}/a`)).not.toThrow();
    expect(() => authorize('s3:PutObject', `${bucket}/a`)).toThrow(
      'because no permissions boundary allows the s3:PutObject action',
    );
    expect(() => authorize('s3:GetObject', 'arn:aws:s3:::other/a')).toThrow('no permissions boundary allows');
  });

  test('allows nothing by itself', () => {
    const { authorize } = bounded(
      [{ Effect: 'Allow', Action: '*', Resource: '*' }],
      [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
    );
    expect(() => authorize('s3:PutObject', bucket)).toThrow('because no identity-based policy allows');
  });

  test('may deny', () => {
    const { authorize } = bounded([
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: 's3:PutObject', Resource: '*' },
    ]);
    expect(() => authorize('s3:PutObject', bucket)).toThrow('with an explicit deny in a permissions boundary');
  });

  test('bounds what a resource’s own policy allows, and the roles that may be assumed', () => {
    const { iam, principal } = bounded(
      [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
      [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }],
    );
    const ofBucket = {
      Statement: { Effect: 'Allow', Principal: { AWS: principal.roleArn as string }, Action: 's3:*', Resource: '*' },
    } as const;
    expect(() => iam.authorize(principal, 's3:GetObject', bucket, {}, ofBucket)).not.toThrow();
    expect(() => iam.authorize(principal, 's3:PutObject', bucket, {}, ofBucket)).toThrow('no permissions boundary');
    iam.putRole({ name: 'other', trustPolicy: trustOfAccount });
    expect(() => iam.assumeRole(principal, iam.roleArn('other'), 's')).toThrow(
      'not authorized to perform: sts:AssumeRole',
    );
  });
});

describe('authorization', () => {
  test('needs every one of the resources to be allowed, and names the one that is not', () => {
    const iam = new Iam(account);
    const caller = roleSession(iam, 'reader', [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucket}/a` }]);
    iam.authorize(caller, 's3:GetObject', [`${bucket}/a`]);
    expect(() => iam.authorize(caller, 's3:GetObject', [`${bucket}/a`, `${bucket}/b`])).toThrow(
      `User: arn:aws:sts::${account}:assumed-role/reader/session is not authorized to perform: s3:GetObject on resource: ${bucket}/b because no identity-based policy allows the s3:GetObject action`,
    );
  });

  test('says when a Deny is the reason', () => {
    const iam = new Iam(account);
    const caller = roleSession(iam, 'reader', [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: 's3:*', Resource: '*' },
    ]);
    expect(() => iam.authorize(caller, 's3:GetObject', bucket)).toThrow(
      'with an explicit deny in an identity-based policy',
    );
  });

  test('follows the policies as they are now', () => {
    const iam = new Iam(account);
    const caller = roleSession(iam, 'reader', [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }]);
    iam.role('reader').inlinePolicies.delete('p');
    expect(() => iam.authorize(caller, 's3:GetObject', bucket)).toThrow('is not authorized');
  });

  test('keeps every question and its answer, from the moment that it is asked to', () => {
    const iam = new Iam(account);
    const caller = roleSession(iam, 'reader', [
      { Sid: 'Read', Effect: 'Allow', Action: 's3:GetObject', Resource: '*' },
    ]);
    iam.authorize(caller, 's3:GetObject', bucket);
    const { authorizations } = iam.record();
    iam.authorize(caller, 's3:GetObject', bucket);
    expect(() => iam.authorize(caller, 's3:PutObject', bucket)).toThrow();
    expect(authorizations).toMatchObject([
      { action: 's3:GetObject', resource: bucket, decision: 'allowed', allowedBy: { Sid: 'Read' } },
      { action: 's3:PutObject', resource: bucket, decision: 'implicitly denied', statements: [{ Sid: 'Read' }] },
    ]);
    expect(authorizations[1]).not.toHaveProperty('allowedBy');
  });

  test('keeps which call of the principal a question belongs to, and no call of another one', async () => {
    const iam = new Iam(account);
    const caller = roleSession(iam, 'reader', [{ Effect: 'Allow', Action: '*', Resource: '*' }]);
    const { authorizations } = iam.record();
    await iam.during(caller, 'GetResourceApiKey', async () => {
      iam.authorize(onBehalfOf(caller, 'bedrock-agentcore.amazonaws.com'), 's3:GetObject', bucket);
      iam.authorize(iam.administrator, 's3:GetObject', bucket);
    });
    expect(authorizations.map(({ operation }) => operation)).toEqual(['GetResourceApiKey', undefined]);
  });

  test('knows in conditions whether a service calls on behalf of the principal', () => {
    const iam = new Iam(account);
    const caller = roleSession(iam, 'reader', [
      {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: '*',
        Condition: { BoolIfExists: { 'aws:ViaAWSService': 'true' } },
      },
    ]);
    expect(() => iam.authorize(caller, 's3:GetObject', bucket)).toThrow('is not authorized');
    const forwarded = onBehalfOf(caller, 'bedrock-agentcore.amazonaws.com');
    expect(() => iam.authorize(forwarded, 's3:GetObject', bucket)).not.toThrow();
  });

  test('knows who the principal is in conditions', () => {
    const iam = new Iam(account);
    const caller = roleSession(iam, 'reader', [
      {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: '*',
        Condition: { ArnEquals: { 'aws:PrincipalArn': iam.roleArn('reader') } },
      },
    ]);
    expect(() => iam.authorize(caller, 's3:GetObject', bucket)).not.toThrow();
  });

  test('a managed policy that local-aws does not know is refused when the role is made', () => {
    const iam = new Iam(account);
    const managedPolicyArns = ['arn:aws:iam::aws:policy/PowerUserAccess'];
    expect(() => iam.putRole({ name: 'x', trustPolicy: trustOfAccount, managedPolicyArns })).toThrow(
      'local-aws does not support the managed policy arn:aws:iam::aws:policy/PowerUserAccess.',
    );
  });
});

describe('assuming a role', () => {
  const target = 'target';

  test('a trust in the whole account leaves it to the own policies of the caller', () => {
    const iam = new Iam(account);
    iam.putRole({ name: target, trustPolicy: trustOfAccount });
    const may = roleSession(iam, 'may', [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: iam.roleArn(target) }]);
    const mayNot = roleSession(iam, 'may-not', []);
    expect(iam.assumeRole(may, iam.roleArn(target), 's').principal.roleArn).toBe(iam.roleArn(target));
    expect(() => iam.assumeRole(mayNot, iam.roleArn(target), 's')).toThrow(
      'is not authorized to perform: sts:AssumeRole',
    );
  });

  test('a trust in the caller is enough, but not against a Deny of its own', () => {
    const iam = new Iam(account);
    const caller = roleSession(iam, 'caller', []);
    const trustOfCaller = {
      Statement: [{ Effect: 'Allow' as const, Action: 'sts:AssumeRole', Principal: { AWS: iam.roleArn('caller') } }],
    };
    iam.putRole({ name: target, trustPolicy: trustOfCaller });
    expect(iam.assumeRole(caller, iam.roleArn(target), 's').principal.roleArn).toBe(iam.roleArn(target));
    const denied = roleSession(iam, 'caller', [{ Effect: 'Deny', Action: 'sts:AssumeRole', Resource: '*' }]);
    expect(() => iam.assumeRole(denied, iam.roleArn(target), 's')).toThrow('is not authorized');
  });

  test('by a service is kept with the conditions that the service passes', () => {
    const iam = new Iam(account);
    const Condition = { StringEquals: { 'aws:SourceAccount': account } };
    const Statement = [
      { Effect: 'Allow' as const, Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' }, Condition },
    ];
    const { arn: roleArn } = iam.putRole({ name: target, trustPolicy: { Statement } });
    const { assumptions } = iam.record();
    const assume = (sourceAccount: string) =>
      iam.assumeRoleAsService(roleArn, 'lambda.amazonaws.com', 'f', { 'aws:SourceAccount': sourceAccount });
    assume(account);
    expect(() => assume('444455556666')).toThrow('does not trust lambda.amazonaws.com');
    expect(assumptions).toMatchObject([
      { roleArn, service: 'lambda.amazonaws.com', context: { 'aws:SourceAccount': account }, allowed: true },
      { roleArn, context: { 'aws:SourceAccount': '444455556666' }, allowed: false },
    ]);
  });

  test('a role that only a service may assume is closed to the administrator too', () => {
    const iam = new Iam(account);
    iam.putRole({
      name: target,
      trustPolicy: {
        Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
      },
    });
    expect(() => iam.assumeRole(iam.administrator, iam.roleArn(target), 's')).toThrow('is not authorized');
    expect(iam.assumeRoleAsService(iam.roleArn(target), 'lambda.amazonaws.com', 'f').principal.arn).toBe(
      `arn:aws:sts::${account}:assumed-role/target/f`,
    );
    expect(() => iam.assumeRoleAsService(iam.roleArn(target), 'ecs.amazonaws.com', 'f')).toThrow(
      'does not trust ecs.amazonaws.com',
    );
  });

  test('the role has to be there, by its whole ARN', () => {
    const iam = new Iam(account);
    iam.putRole({ name: target, trustPolicy: trustOfAccount });
    expect(() => iam.assumeRole(iam.administrator, `arn:aws:iam::444455556666:role/${target}`, 's')).toThrow();
  });

  test('an external id that the trust asks for has to be given', () => {
    const iam = new Iam(account);
    const [statement] = trustOfAccount.Statement as [object];
    iam.putRole({
      name: target,
      trustPolicy: { Statement: [{ ...statement, Condition: { StringEquals: { 'sts:ExternalId': 'x' } } } as never] },
    });
    const assume = (context: Record<string, string>) =>
      iam.assumeRole(iam.administrator, iam.roleArn(target), 's', { context });
    expect(() => assume({})).toThrow('is not authorized');
    expect(assume({ 'sts:ExternalId': 'x' }).accessKeyId).toMatch(/^ASIALOCAL/);
  });
});

describe('an administrator who was named', () => {
  const named = new Iam('111122223333', 'LOCAL0123456789');

  test('is the only one', () => {
    expect(named.principalOf('LOCAL0123456789').kind).toBe('administrator');
    expect(() => named.principalOf('any')).toThrow('The security token included in the request is invalid.');
  });
});
