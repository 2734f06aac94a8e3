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
  inParts,
  permissionsBoundary,
} from '../../lib/policies/index.ts';
import { type PolicyDocument, statementsOf, trusts } from '../../local-aws/iam/policy.ts';
import { TestAccount } from '../support/account.ts';
import { projectFolder, runNode } from '../support/run.ts';

const settings = {
  secret: 'team/openai',
  permissionsBoundary: 'platform/Boundary',
  rolePath: '/team/',
  tags: { team: 'payments' },
};
const [prod] = readEnvironments({ prod: settings }) as [Environment];

let account: TestAccount;
let place: { account: string; region: string; qualifier: string };

jest.setTimeout(180_000);

const roleOfBootstrap = (role: string) =>
  account.aws.iam.roleArn(`cdk-${defaultQualifier}-${role}-role-${place.account}-${place.region}`);

/** The credentials of a pipeline, of which `deployer.json` is all it has. */
function assumePipeline() {
  const { iam } = account.aws;
  const { arn } = iam.putRole({
    name: 'pipeline',
    trustPolicy: { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: place.account } } },
    inlinePolicies: { Deployer: deployerPolicy(prod, place) },
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

/** Runs the real `cdk` as the pipeline. */
async function cdk(more: object, ...args: string[]) {
  const { credentials, asked } = assumePipeline();
  const context = `environments=${JSON.stringify({ prod: { ...settings, ...more } })}`;
  const command = [`${projectFolder}/node_modules/aws-cdk/bin/cdk`, ...args, '--no-notices', '--context', context];
  const ended = await runNode([...command, '--output', `${account.folder}/cdk.out`], {
    env: {
      ...cdkEnvironment({ ...account.client, credentials }, account.folder),
      AWS_SESSION_TOKEN: credentials.sessionToken,
    },
  });
  return { ...ended, asked: asked() };
}

beforeAll(async () => {
  account = await TestAccount.open();
  const { aws, region } = account;
  place = { account: aws.account, region, qualifier: defaultQualifier };
  const { customerPolicies } = aws.iam;
  const boundaryArn = customerPolicies.arn('Boundary', '/platform/');
  customerPolicies.put(boundaryArn, permissionsBoundary(prod, place));
  const parts = inParts(cloudFormationExecutionPolicy(prod, place, boundaryArn));
  const managedPolicyArns = parts.map((part, index) => {
    const arn = customerPolicies.arn(`CloudFormation${index + 1}`, '/platform/');
    customerPolicies.put(arn, part);
    return arn;
  });
  // What `cdk bootstrap --cloudformation-execution-policies` changes.
  const { name, trustPolicy } = aws.iam.role(roleOfBootstrap('cfn-exec'));
  aws.iam.putRole({ name, trustPolicy, managedPolicyArns });
  const secretsManager = new SecretsManagerClient(account.client);
  const SecretString = JSON.stringify({ apiKey: account.model.key });
  await secretsManager.send(new CreateSecretCommand({ Name: settings.secret, SecretString }));
  secretsManager.destroy();
});

afterAll(() => account.close());

describe('a pipeline with the policies that are shipped, and nothing else', () => {
  const taken = new Set<string>();

  test('deploys with the real cdk, and the agent answers', async () => {
    const { status, output, asked } = await cdk({}, 'deploy', 'prod/*', '--require-approval', 'never');
    expect([status, status === 0 ? '' : output]).toEqual([0, '']);
    for (const each of asked) taken.add(each);
    const runtimeArn = await account.output('outbound-auth-prod-agent', 'RuntimeArn');
    const { body } = await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' });
    expect(body).toContain('4');
    expect((await account.stack('outbound-auth-prod-agent'))?.Tags).toEqual([{ Key: 'team', Value: 'payments' }]);
  });

  const output = (name: string) => account.output('outbound-auth-prod-agent', name);

  test('releases; the next deployment by the real cdk leaves live where it is; the next release can be rolled back', async () => {
    const { credentials, asked } = assumePipeline();
    const subject = { environment: prod, client: { ...account.client, credentials } };
    expect(await releaseNewest(subject)).toMatchObject({ version: '1', former: undefined });
    const again = await cdk({ systemPrompt: 'Be brief.' }, 'deploy', 'prod/*', '--require-approval', 'never');
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
      const { status, output, asked } = await cdk({}, ...args);
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
  const isTrusted = (sub: string, aud = 'sts.amazonaws.com') =>
    trusts(
      statementsOf(deployerTrust(place, 'team/agents', 'prod') as PolicyDocument),
      'sts:AssumeRoleWithWebIdentity',
      'Federated',
      [`arn:aws:iam::${place.account}:oidc-provider/${issuer}`],
      { [`${issuer}:sub`]: sub, [`${issuer}:aud`]: aud },
    );

  test('is for the repository’s environment', () => {
    expect(isTrusted('repo:team/agents:environment:prod')).toBe(true);
  });

  test.each([
    'repo:team/agents:environment:dev',
    'repo:team/agents:ref:refs/heads/main',
    'repo:team/agents:pull_request',
    'repo:team/agents-2:environment:prod',
    'repo:others/agents:environment:prod',
  ])('is not for %s', (sub) => {
    expect(isTrusted(sub)).toBe(false);
  });

  test('is not for a token that was made for somebody else', () => {
    expect(isTrusted('repo:team/agents:environment:prod', 'https://github.com/team')).toBe(false);
  });
});
