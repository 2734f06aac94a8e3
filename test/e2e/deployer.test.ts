import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { releaseNewest } from '../../cli/release/release-newest.ts';
import { rollBack } from '../../cli/release/roll-back.ts';
import { cdkEnvironment } from '../../cli/start/environment.ts';
import { type Environment, readEnvironments } from '../../lib/environments/index.ts';
import {
  cloudFormationExecutionPolicy,
  defaultQualifier,
  deployerPolicy,
  deployerTrust,
  diffPolicy,
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
const [prod] = readEnvironments({ prod: settings }) as [Environment];

let account: TestAccount;
let place: { account: string; region: string; qualifier: string };

jest.setTimeout(180_000);

const command = [`${projectFolder}/node_modules/aws-cdk/bin/cdk`];
const assembly = (name = 'cdk.out') => `${account.folder}/${name}`;
const deployer = () => deployerPolicy(prod, place);
const diffOfProd = () => diffPolicy(prod, place);

const roleOfBootstrap = (role: string) =>
  account.aws.iam.roleArn(`cdk-${defaultQualifier}-${role}-role-${place.account}-${place.region}`);

/** The credentials of a role that has one policy, and nothing else. */
function assume(policy: ReturnType<typeof deployer>) {
  const { iam } = account.aws;
  const { arn } = iam.putRole({
    name: 'pipeline',
    trustPolicy: { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: place.account } } },
    inlinePolicies: { Pipeline: policy },
  });
  const { accessKeyId, secretAccessKey, sessionToken } = iam.assumeRole(iam.administrator, arn, 'pipeline');
  const recording = iam.record();
  /** What it has asked for since, by itself. */
  const asked = () => {
    const own = recording.authorizations.filter(({ principal }) => principal.roleArn === arn);
    return [...new Set(own.map(({ action, resource, decision }) => `${decision}: ${action} ${resource}`))];
  };
  return { credentials: { accessKeyId, secretAccessKey, sessionToken }, asked };
}

/** Runs the real `cdk` on what was synthesized before, as a role that has one policy. */
async function cdkWith(policy: ReturnType<typeof deployer>, args: readonly string[], app = assembly()) {
  const { credentials, asked } = assume(policy);
  const ended = await runNode([...command, ...args, '--no-notices', '--app', app], {
    env: {
      ...cdkEnvironment({ ...account.client, credentials }, account.folder),
      AWS_SESSION_TOKEN: credentials.sessionToken,
    },
  });
  return { ...ended, asked: asked() };
}

/** As in a pipeline: once, by a job that has no credentials of AWS. */
async function synthesizeProd(more: object, output: string): Promise<void> {
  const context = ['--context', `environments=${JSON.stringify({ prod: { ...settings, ...more } })}`];
  const synth = [...command, 'synth', '--quiet', '--no-notices', ...context, '--output', output];
  const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _key, ...withoutCredentials } = account.environment;
  const { status, output: printed } = await runNode(synth, { env: withoutCredentials });
  if (status !== 0) throw new Error(printed);
}

beforeAll(async () => {
  account = await TestAccount.open();
  const { aws, region } = account;
  place = { account: aws.account, region, qualifier: defaultQualifier };
  const { customerPolicies } = aws.iam;
  const boundaryArn = customerPolicies.arn('Boundary', '/platform/');
  customerPolicies.put(boundaryArn, permissionsBoundary(prod, place));
  const policyArn = customerPolicies.arn('CloudFormation', '/platform/');
  customerPolicies.put(policyArn, cloudFormationExecutionPolicy(prod, place, boundaryArn));
  // What `cdk bootstrap --cloudformation-execution-policies` changes.
  const { name, trustPolicy } = aws.iam.role(roleOfBootstrap('cfn-exec'));
  aws.iam.putRole({ name, trustPolicy, managedPolicyArns: [policyArn] });
  const secretsManager = new SecretsManagerClient(account.client);
  const SecretString = JSON.stringify({ apiKey: account.model.key });
  await secretsManager.send(new CreateSecretCommand({ Name: settings.secret, SecretString }));
  secretsManager.destroy();
  await synthesizeProd({}, assembly());
});

afterAll(() => account.close());

describe('a pipeline with the policies that are shipped, and nothing else', () => {
  const taken = new Set<string>();

  test('deploys with the real cdk, and the agent answers', async () => {
    const { status, output, asked } = await cdkWith(deployer(), ['deploy', 'prod/*', '--require-approval', 'never']);
    expect([status, status === 0 ? '' : output]).toEqual([0, '']);
    for (const each of asked) taken.add(each);
    const runtimeArn = await account.output('outbound-auth-prod-agent', 'RuntimeArn');
    const { body } = await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' });
    expect(body).toContain('4');
  });

  test('compares for a pull request with a role that may read the two templates and nothing else', async () => {
    const { status, output, asked } = await cdkWith(diffOfProd(), ['diff', 'prod/*', '--method', 'template', '--fail']);
    expect([status, output]).toEqual([0, expect.stringContaining('There were no differences')]);
    const denied = asked.filter((each) => !each.startsWith('allowed: cloudformation:'));
    // The command tries this one first, and goes on without it.
    expect(denied).toEqual([`implicitly denied: sts:AssumeRole ${roleOfBootstrap('lookup')}`]);
  });

  test('cannot deploy with the role of a pull request', async () => {
    const { status, output } = await cdkWith(diffOfProd(), [
      'deploy',
      'prod/*',
      '--require-approval',
      'never',
      '--force',
    ]);
    expect([status, output]).toEqual([1, expect.stringContaining('is not authorized to perform')]);
  });

  const output = (name: string) => account.output('outbound-auth-prod-agent', name);

  test('releases; the next deployment by the real cdk leaves live where it is; the next release can be rolled back', async () => {
    const { credentials, asked } = assume(deployer());
    const subject = { environment: prod, client: { ...account.client, credentials } };
    expect(await releaseNewest(subject)).toMatchObject({ version: '1', former: undefined });
    const other = assembly('cdk.other');
    await synthesizeProd({ systemPrompt: 'Be brief.' }, other);
    const again = await cdkWith(deployer(), ['deploy', 'prod/*', '--require-approval', 'never'], other);
    expect(again.status).toBe(0);
    expect([await output('RuntimeVersion'), await output('LiveEndpointVersion')]).toEqual(['2', '1']);
    expect(await releaseNewest(subject)).toMatchObject({ version: '2', former: '1' });
    expect(await rollBack(subject)).toMatchObject({ version: '1', former: '2', answer: expect.stringContaining('4') });
    // By itself it asks and looks only; the stack is moved by the role of the bootstrap.
    const runtime = await output('RuntimeArn');
    const endpoints = (name: string) => [runtime, `${runtime}/runtime-endpoint/${name}`];
    const vault = `arn:aws:bedrock-agentcore:${place.region}:${place.account}:token-vault/default`;
    const provider = `${vault}/apikeycredentialprovider/${await account.output('outbound-auth-prod-identity', 'CredentialProviderName')}`;
    const expected = [
      ['sts:AssumeRole', [roleOfBootstrap('deploy')]],
      ['bedrock-agentcore:GetAgentRuntime', [runtime]],
      ...['GetAgentRuntimeEndpoint', 'InvokeAgentRuntime', 'InvokeAgentRuntimeForUser'].map(
        (action) => [`bedrock-agentcore:${action}`, ['DEFAULT', 'live'].flatMap(endpoints)] as const,
      ),
      ['bedrock-agentcore:GetApiKeyCredentialProvider', [vault, provider]],
    ] as const;
    const lines = expected.flatMap(([action, arns]) => arns.map((arn) => `allowed: ${action} ${arn}`));
    const takenByCdk = again.asked.filter((each) => !lines.includes(each));
    expect(
      asked()
        .filter((each) => !takenByCdk.includes(each))
        .sort(),
    ).toEqual([...new Set(lines)].sort());
  });

  test('compares, and destroys', async () => {
    for (const args of [
      ['diff', 'prod/*'],
      ['destroy', 'prod/*', '--force'],
    ]) {
      const { status, output, asked } = await cdkWith(deployer(), args);
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
