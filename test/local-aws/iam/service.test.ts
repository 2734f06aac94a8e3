import { GetRoleCommand, GetUserCommand, IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { iamService } from '../../../local-aws/iam/service.ts';
import { account, type Started, startServices, trustOfAccount } from '../http/start-services.ts';

let started: Started;
let iam: IAMClient;
const arnOf = (name: string) => `arn:aws:iam::${account}:role/${name}`;

beforeAll(async () => {
  started = await startServices(() => {}, [iamService]);
  iam = new IAMClient(started.client());
});
afterAll(() => started.close());

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    ({ name, message }: Error) => `${name}: ${message}`,
  );

describe('IAM', () => {
  test('tells a role by its name, with its path', async () => {
    started.aws.iam.putRole({ name: 'deployer', path: '/team/a/', trustPolicy: trustOfAccount });
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'deployer' }));
    expect(Role).toMatchObject({ Path: '/team/a/', RoleName: 'deployer', Arn: arnOf('team/a/deployer') });
    expect(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''))).toEqual(trustOfAccount);
    expect(await codeOf(iam.send(new GetRoleCommand({ RoleName: 'nobody' })))).toMatch(/^NoSuchEntity(Exception)?: /);
  });

  test('simulates each action on each resource, by the policies and the boundary as they are', async () => {
    const { customerPolicies } = started.aws.iam;
    const boundary = customerPolicies.arn('Boundary');
    customerPolicies.put(boundary, { Statement: { Effect: 'Allow', Action: ['s3:*', 'sqs:*'], Resource: '*' } });
    started.aws.iam.putRole({
      name: 'worker',
      trustPolicy: trustOfAccount,
      permissionsBoundary: boundary,
      inlinePolicies: {
        policy: {
          Statement: [
            {
              Effect: 'Allow',
              Action: ['s3:GetObject', 'sns:Publish'],
              Resource: ['arn:aws:s3:::a/*', 'arn:aws:sns:*'],
            },
            { Effect: 'Deny', Action: 'sqs:*', Resource: '*' },
          ],
        },
      },
    });
    const { EvaluationResults } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: arnOf('worker'),
        ActionNames: ['s3:GetObject', 'sns:Publish', 'sqs:SendMessage'],
        ResourceArns: ['arn:aws:s3:::a/1', 'arn:aws:s3:::b/1'],
      }),
    );
    expect(EvaluationResults?.map((each) => [each.EvalActionName, each.EvalResourceName, each.EvalDecision])).toEqual([
      ['s3:GetObject', 'arn:aws:s3:::a/1', 'allowed'],
      ['s3:GetObject', 'arn:aws:s3:::b/1', 'implicitDeny'],
      ['sns:Publish', 'arn:aws:s3:::a/1', 'implicitDeny'],
      ['sns:Publish', 'arn:aws:s3:::b/1', 'implicitDeny'],
      ['sqs:SendMessage', 'arn:aws:s3:::a/1', 'explicitDeny'],
      ['sqs:SendMessage', 'arn:aws:s3:::b/1', 'explicitDeny'],
    ]);
  });

  test('authorizes both on the role', async () => {
    started.role('curious', { Effect: 'Allow', Action: ['iam:GetRole', 'iam:Simulate*'], Resource: arnOf('curious') });
    const curious = new IAMClient(started.client('curious'));
    const simulate = (name: string) =>
      new SimulatePrincipalPolicyCommand({ PolicySourceArn: arnOf(name), ActionNames: ['s3:GetObject'] });
    expect(await codeOf(curious.send(new GetRoleCommand({ RoleName: 'curious' })))).toBe('no error');
    expect(await codeOf(curious.send(simulate('curious')))).toBe('no error');
    expect(await codeOf(curious.send(new GetRoleCommand({ RoleName: 'other' })))).toMatch(
      /^AccessDenied: .*iam:GetRole/,
    );
    expect(await codeOf(curious.send(simulate('other')))).toMatch(/^AccessDenied: .*iam:SimulatePrincipalPolicy/);
  });

  test('refuses by name what it does not know', async () => {
    expect(await codeOf(iam.send(new GetUserCommand({})))).toMatch(/^NotSupportedByLocalAws: .*GetUser/);
    const withContext = new SimulatePrincipalPolicyCommand({
      PolicySourceArn: arnOf('deployer'),
      ActionNames: ['s3:GetObject'],
      CallerArn: arnOf('deployer'),
    });
    expect(await codeOf(iam.send(withContext))).toMatch(/^NotSupportedByLocalAws: .*CallerArn/);
  });
});
