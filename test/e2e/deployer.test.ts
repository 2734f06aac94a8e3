import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { cdkEnvironment } from '../../cli/start/environment.ts';
import { readEnvironments } from '../../lib/environments.ts';
import {
  cloudFormationExecutionPolicy,
  defaultQualifier,
  deployerPolicy,
  deployerTrust,
  diffTrust,
  permissionsBoundary,
} from '../../lib/policies/index.ts';
import { type PolicyDocument, statementsOf, trusts } from '../../local-aws/iam/policy.ts';
import { TestAccount } from '../support/account.ts';
import { projectFolder, runNode } from '../support/run.ts';

const settings = {
  secret: 'team/openai',
  permissionsBoundary: 'platform/Boundary',
  rolePath: '/team/',
};
const [environment] = readEnvironments({ prod: settings });
if (!environment) throw new Error('no environment');

let account: TestAccount;
let place: { account: string; region: string; qualifier: string };

jest.setTimeout(180_000);

const roleOfBootstrap = (role: string) =>
  account.aws.iam.roleArn(`cdk-${defaultQualifier}-${role}-role-${place.account}-${place.region}`);

/** Runs the real `cdk` with the credentials of a pipeline, of which `deployer.json` is all it has. */
async function cdk(...args: string[]) {
  const { iam } = account.aws;
  const { arn } = iam.putRole({
    name: 'pipeline',
    trustPolicy: { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: place.account } } },
    inlinePolicies: { Deployer: deployerPolicy(place) },
  });
  const credentials = iam.assumeRole(iam.administrator, arn, 'pipeline');
  const recording = iam.record();
  const context = `environments=${JSON.stringify({ prod: settings })}`;
  const command = [`${projectFolder}/node_modules/aws-cdk/bin/cdk`, ...args, '--no-notices', '--context', context];
  const ended = await runNode([...command, '--output', `${account.folder}/cdk.out`], {
    env: {
      ...cdkEnvironment({ ...account.client, credentials }, account.folder),
      AWS_SESSION_TOKEN: credentials.sessionToken,
    },
  });
  const own = recording.authorizations.filter(({ principal }) => principal.roleArn === arn);
  return {
    ...ended,
    asked: [...new Set(own.map(({ action, resource, decision }) => `${decision}: ${action} ${resource}`))],
  };
}

beforeAll(async () => {
  account = await TestAccount.open();
  const { aws, region } = account;
  place = { account: aws.account, region, qualifier: defaultQualifier };
  const { customerPolicies } = aws.iam;
  const boundaryArn = customerPolicies.arn('Boundary', '/platform/');
  customerPolicies.put(boundaryArn, permissionsBoundary(environment, place));
  const policyArn = customerPolicies.arn('CloudFormation', '/platform/');
  customerPolicies.put(policyArn, cloudFormationExecutionPolicy(environment, place, boundaryArn));
  // What `cdk bootstrap --cloudformation-execution-policies` changes.
  const { name, trustPolicy } = aws.iam.role(roleOfBootstrap('cfn-exec'));
  aws.iam.putRole({ name, trustPolicy, managedPolicyArns: [policyArn] });
  const secretsManager = new SecretsManagerClient(account.client);
  const SecretString = JSON.stringify({ apiKey: account.model.key });
  await secretsManager.send(new CreateSecretCommand({ Name: settings.secret, SecretString }));
  secretsManager.destroy();
});

afterAll(() => account.close());

describe('a pipeline with the policies that are shipped, and nothing else', () => {
  const taken = new Set<string>();

  test('deploys with the real cdk, and the agent answers', async () => {
    const { status, output, asked } = await cdk('deploy', 'prod/*', '--require-approval', 'never');
    expect([status, status === 0 ? '' : output]).toEqual([0, '']);
    for (const each of asked) taken.add(each);
    const runtimeArn = await account.output('outbound-auth-prod-agent', 'RuntimeArn');
    const { body } = await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' });
    expect(body).toContain('4');
  });

  test('compares, and destroys', async () => {
    for (const args of [
      ['diff', 'prod/*'],
      ['destroy', 'prod/*', '--force'],
    ]) {
      const { status, output, asked } = await cdk(...args);
      expect([status, status === 0 ? '' : output]).toEqual([0, '']);
      for (const each of asked) taken.add(each);
    }
    expect(account.aws.iam.roles().filter(({ arn }) => arn.includes('outbound-auth-prod'))).toEqual([]);
  });

  test('has taken each role that it may take, and asked for nothing else', () => {
    const roles = ['deploy', 'file-publishing', 'image-publishing', 'lookup'].map(roleOfBootstrap);
    expect([...taken].sort()).toEqual(roles.map((role) => `allowed: sts:AssumeRole ${role}`).sort());
  });
});

describe('the trust in GitHub', () => {
  const issuer = 'token.actions.githubusercontent.com';
  const isTrusted = (policy: object, sub: string, aud = 'sts.amazonaws.com') =>
    trusts(
      statementsOf(policy as PolicyDocument),
      'sts:AssumeRoleWithWebIdentity',
      'Federated',
      [`arn:aws:iam::${place.account}:oidc-provider/${issuer}`],
      { [`${issuer}:sub`]: sub, [`${issuer}:aud`]: aud },
    );
  const trusted = {
    deployer: ['repo:team/agents:environment:prod'],
    diff: ['repo:team/agents:pull_request', 'repo:team/agents:ref:refs/heads/main'],
  };
  const policyOf = (role: string, repository = 'team/agents') =>
    role === 'diff' ? diffTrust(place, repository) : deployerTrust(place, repository, 'prod');

  test.each(Object.entries(trusted))('of the %s is for the repository’s own, and nothing else', (role, subjects) => {
    const others = [
      'repo:team/agents:environment:dev',
      'repo:team/agents:ref:refs/heads/main-2',
      'repo:team/agents-2:environment:prod',
      'repo:team/agents-2:pull_request',
      'repo:others/agents:environment:prod',
      'repo:others/agents:ref:refs/heads/main',
      'repo:team@1/agents@2:pull_request',
    ];
    const tried = [...Object.values(trusted).flat(), ...others];
    expect(tried.filter((sub) => isTrusted(policyOf(role), sub))).toEqual(subjects);
  });

  test('is for a repository by its ids, where GitHub names it so', () => {
    const policy = policyOf('deployer', 'team@1/agents@2');
    expect(isTrusted(policy, 'repo:team@1/agents@2:environment:prod')).toBe(true);
    expect(isTrusted(policy, 'repo:team@3/agents@2:environment:prod')).toBe(false);
  });

  test.each(Object.entries(trusted))('of the %s is not for a token that was made for somebody else', (role, [sub]) => {
    expect(isTrusted(policyOf(role), sub as string, 'https://github.com/team')).toBe(false);
  });
});
