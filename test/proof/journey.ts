import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { releaseNewest } from '../../cli/release/release-newest.ts';
import { rollBack } from '../../cli/release/roll-back.ts';
import { clientEnvironment } from '../../cli/start/environment.ts';
import { defaultQualifier, deployerPolicy, diffPolicy } from '../../lib/policies/index.ts';
import type { Call } from '../../local-aws/service.ts';
import type { Template } from '../support/in-process-cdk.ts';
import { projectFolder, runNode } from '../support/run.ts';
import { seoulInWords, startWeatherService } from '../support/weather-service.ts';
import { type ProofAccount, until } from './account.ts';
import { bounds } from './calls.ts';

const keyArn = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const question = { prompt: 'How much is 2X2?' };
const weatherKey = 'weather-key-of-the-journey';
const otherWeatherSecret = 'team/other-weather';

/**
 * The environments of the journey. Between them they have every kind of source, and every way to name a secret; the names
 * of providers begin and end differently, so that a pattern which takes all of them is seen to be needed.
 */
export const environments = {
  /**
   * A reference, with a customer managed key, traces, a VPC and tags. Its name is in cdk.json, where `npm run invoke` looks
   * for it.
   */
  dev: {
    secret: 'agentcore-outbound-auth/dev/openai',
    encryptionKeyArn: keyArn,
    tracing: 'on',
    network: { subnets: ['subnet-0123456789abcdef0'], securityGroups: ['sg-0123456789abcdef0'] },
    tags: { team: 'payments', stage: 'trial' },
  },
  /** A copy of a plain secret, with a customer managed key. */
  copy: { secret: 'team/plain', source: 'copy', encryptionKeyArn: keyArn },
  /** A copy of a secret that is known by its complete ARN; its agent comes as code. */
  second: { secret: '', source: 'copy', credentialProviderName: 'zweite', artifact: 'code' },
  /** A provider that somebody else has made, of a secret that is known by its partial ARN. */
  adopting: {
    secret: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:theirs',
    adoptExisting: true,
    credentialProviderName: 'adopted',
  },
  /** Another one of theirs; it has no agent, and is given back soon. */
  returning: {
    secret: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:theirs',
    adoptExisting: true,
    credentialProviderName: 'returned',
  },
  /** One whose agent has a second key, for a tool. */
  tools: { secret: 'team/tools', weather: { secret: 'team/weather', baseUrl: '' }, tags: { team: 'platform' } },
  /** One that people depend on; it has no agent. It is there before the platform team has its boundary. */
  bounded: {
    secret: 'theirs',
    production: true,
    removalPolicy: 'destroy',
    credentialProviderName: 'bounded',
  },
};

export type EnvironmentName = keyof typeof environments;

/** The whole life of every environment, but for its end; what is refused to its roles is tried in between. */
export async function travel(account: ProofAccount, refusals: () => Promise<void>): Promise<void> {
  const weather = await startWeatherService((key) => key === weatherKey);
  environments.tools.weather.baseUrl = weather.url;
  try {
    await travelEverywhere(account, refusals);
  } finally {
    await weather.close();
  }
}

async function travelEverywhere(account: ProofAccount, refusals: () => Promise<void>): Promise<void> {
  prepare(account);
  // The first provider of the account makes the token vault.
  await live(account, 'dev', 'deploy', () => account.deploy('dev', environments.dev));
  makeTheirs(account);
  await Promise.all([
    lifeOfReference(account),
    ...(['copy', 'second', 'adopting'] as const).map(async (name) => {
      await live(account, name, 'deploy', () => account.deploy(name, environments[name]));
      // Somebody has deleted it: AgentCore makes it anew.
      account.aws.logs.deleteGroup(account.region, account.output(name, 'agent', 'LogGroup'));
      await live(account, name, 'invoke', () => ask(account, name));
    }),
    lifeOfTools(account),
    lifeOfReturned(account),
    lifeOfBounded(account),
  ]);
  await refusals();
  await Promise.all([
    replaceReference(account),
    replaceCopy(account),
    replaceSecond(account),
    replaceAdopted(account),
    replaceTool(account),
  ]);
  await Promise.all(
    (['dev', 'copy', 'second', 'adopting', 'tools'] as const).map((name) =>
      live(account, name, 'destroy', () => account.destroy(name)),
    ),
  );
}

function prepare({ aws, region, test }: ProofAccount): void {
  const { administrator } = aws.iam;
  const { key } = test.model;
  const json = JSON.stringify({ apiKey: key });
  aws.secrets.create(administrator, region, { name: environments.dev.secret, secretString: json, kmsKeyId: keyArn });
  aws.secrets.create(administrator, region, { name: 'team/plain', secretString: key, kmsKeyId: keyArn });
  environments.second.secret = aws.secrets.create(administrator, region, { name: 'second', secretString: key }).arn;
  aws.secrets.create(administrator, region, { name: 'theirs', secretString: json });
  aws.secrets.create(administrator, region, { name: environments.tools.secret, secretString: json });
  const secretString = JSON.stringify({ apiKey: weatherKey });
  for (const name of [environments.tools.weather.secret, otherWeatherSecret]) {
    aws.secrets.create(administrator, region, { name, secretString });
  }
}

/** What somebody else has made, before it is adopted. */
function makeTheirs({ aws, region }: ProofAccount): void {
  for (const { credentialProviderName: name, secret: secretId } of [environments.adopting, environments.returning]) {
    aws.credentialProviders.create(administratorCall(aws, region), {
      name,
      apiKeySecretSource: 'EXTERNAL',
      apiKeySecretConfig: { secretId, jsonKey: 'apiKey' },
    });
  }
}

function administratorCall(
  { iam }: ProofAccount['aws'],
  region: string,
): Pick<Call, 'region' | 'caller' | 'authorize'> {
  return { region, caller: iam.administrator, authorize: () => {} };
}

async function live(account: ProofAccount, name: string, step: string, work: () => Promise<unknown>): Promise<void> {
  account.step(name, step);
  await work();
}

async function lifeOfReference(account: ProofAccount): Promise<void> {
  const { aws, region, test } = account;
  await live(account, 'dev', 'cdk diff, cdk deploy, cdk destroy', () => takeRolesOfBootstrap(account));
  await live(account, 'dev', 'cdk diff of a pull request', () => compare(account));
  await live(account, 'dev', 'invoke', () => ask(account, 'dev'));
  await live(account, 'dev', 'invoke, streaming', () => ask(account, 'dev', { accept: 'text/event-stream' }));
  await live(account, 'dev', 'npm run invoke', () => askByCommand(account));
  const { physicalId: runtimeId = '' } = account.resource('dev', 'agent', 'AWS::BedrockAgentCore::Runtime');
  aws.runtimes.putEndpoint({ region, authorize: () => {} }, 'create', runtimeId, { name: 'canary' });
  await live(account, 'dev', 'invoke an endpoint of one’s own', () => ask(account, 'dev', { qualifier: 'canary' }));
  await live(account, 'dev', 'rotate', () => rotate(account, 'dev', JSON.stringify({ apiKey: `${test.model.key}2` })));
  await live(account, 'dev', 'a refresh that fails', async () => {
    store(account, 'dev', JSON.stringify({ apiKey: 'changeme' }));
    await until('the dead letter', () => aws.queues.list(region).some(({ messages }) => messages.length > 0));
    await rotate(account, 'dev', JSON.stringify({ apiKey: test.model.key }));
  });
  await live(account, 'dev', 'npm run release', () => release(account));
  await live(account, 'dev', 'npm run invoke', () => askByCommand(account));
  const opened = { ...environments.dev, callersWithoutUser: true };
  await live(account, 'dev', 'update', () => account.deploy('dev', opened));
  await live(account, 'dev', 'npm run release, npm run rollback', async () => {
    await release(account);
    await rollBack(asPipeline(account));
  });
  await live(account, 'dev', 'invoke without a user', () => ask(account, 'dev', { runtimeUserId: undefined }));
}

async function replaceReference(account: ProofAccount): Promise<void> {
  const settings = {
    ...environments.dev,
    callersWithoutUser: true,
    credentialProviderName: 'explicit',
    tags: { team: 'billing' },
  };
  const { properties } = account.resource('dev', 'identity', 'Custom::ApiKeyCredentialProvider');
  await live(account, 'dev', 'replacement', async () => {
    await account.deploy('dev', settings, { parts: ['identity'] });
    await lateRefresh(account, 'dev', properties);
    await account.deploy('dev', settings, { parts: ['agent'] });
    await ask(account, 'dev');
    await ask(account, 'dev', { qualifier: 'live' });
  });
}

async function replaceCopy(account: ProofAccount): Promise<void> {
  await live(account, 'copy', 'rotate', () => rotate(account, 'copy', `${account.test.model.key}3`));
  await live(account, 'copy', 'replacement', () =>
    account.deploy('copy', { secret: environments.dev.secret, encryptionKeyArn: keyArn }),
  );
}

async function replaceSecond(account: ProofAccount): Promise<void> {
  await live(account, 'second', 'replacement', () =>
    account.deploy('second', { ...environments.second, credentialProviderName: 'andere' }),
  );
}

async function replaceAdopted(account: ProofAccount): Promise<void> {
  await live(account, 'adopting', 'replacement', () =>
    account.deploy('adopting', { ...environments.adopting, credentialProviderName: 'own' }),
  );
}

async function lifeOfTools(account: ProofAccount): Promise<void> {
  await live(account, 'tools', 'deploy', () => account.deploy('tools', environments.tools));
  await live(account, 'tools', 'invoke, with a tool that has a key', () => askForWeather(account));
  const alarms = { email: 'on-call@example.com' };
  const tags = { ...environments.tools.tags, stage: 'trial' };
  await live(account, 'tools', 'alarms, and a key and another tag for the logs', () =>
    account.deploy('tools', { ...environments.tools, alarms, tags, logEncryptionKeyArn: keyArn }),
  );
  await live(account, 'tools', 'key and tag taken away', () =>
    account.deploy('tools', { ...environments.tools, alarms }),
  );
  await live(account, 'tools', 'alarms taken away', () => account.deploy('tools', environments.tools));
}

async function replaceTool(account: ProofAccount): Promise<void> {
  const { weather } = environments.tools;
  await live(account, 'tools', 'replacement', async () => {
    await account.deploy('tools', { ...environments.tools, weather: { ...weather, secret: otherWeatherSecret } });
    await askForWeather(account);
  });
}

async function askForWeather(account: ProofAccount): Promise<void> {
  const prompt = 'What is the weather in Seoul?';
  const { body } = await account.test.invoke(account.output('tools', 'agent', 'RuntimeArn'), { prompt });
  if (JSON.parse(body) !== seoulInWords) throw new Error(`the agent of tools answered ${body}`);
}

async function lifeOfReturned(account: ProofAccount): Promise<void> {
  await live(account, 'returning', 'adoption', () =>
    account.deploy('returning', environments.returning, { parts: ['identity'] }),
  );
  await live(account, 'returning', 'release whose answer is lost', async () => {
    const code = 'InternalServerException';
    const struck = account.aws.faultInjection.next('bedrock-agentcore:UntagResource', {
      code,
      status: 500,
      after: 'applied',
    });
    await account.destroy('returning');
    await struck;
  });
}

/** It gets its boundary, a KMS key for its logs, new code and its key taken off again. */
async function lifeOfBounded(account: ProofAccount): Promise<void> {
  const parts = ['identity'] as const;
  await account.deploy('bounded', environments.bounded, { parts, by: 'an administrator' });
  const encrypted = { ...environments.bounded, logEncryptionKeyArn: keyArn };
  await live(account, 'bounded', 'a boundary for what is there', () => account.deploy('bounded', encrypted, { parts }));
  await live(account, 'bounded', 'update of the handler', () =>
    account.deploy('bounded', environments.bounded, { parts, change: (template) => withOtherCode(account, template) }),
  );
  await live(account, 'bounded', 'destroy', () =>
    account.aws.stacks.destroy(account.region, 'outbound-auth-bounded-identity'),
  );
}

function withOtherCode({ aws }: ProofAccount, template: Template): Template {
  const copy = structuredClone(template);
  for (const { Type, Properties } of Object.values(copy.Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const code = Properties.Code as { S3Key: string };
    const bucket = `cdk-hnb659fds-assets-${aws.account}-us-east-1`;
    const key = `${'0a1b2c3d'.repeat(8)}.zip`;
    aws.objects.put(bucket, key, aws.objects.get(bucket, code.S3Key) ?? Buffer.of());
    Properties.Code = { ...code, S3Key: key };
  }
  return copy;
}

/** What the rule of before may still send while the stack has another provider already. */
async function lateRefresh(account: ProofAccount, name: EnvironmentName, properties: object): Promise<void> {
  const { logicalId } = account.resource(name, 'identity', 'Custom::ApiKeyCredentialProvider');
  const { physicalId: handler = '' } = account.resource(name, 'identity', 'AWS::Lambda::Function');
  const owner = { OwnerStackId: account.stack(name, 'identity').id, OwnerLogicalId: logicalId };
  const outcome = await account.aws.functions.invokeAsynchronously(account.region, handler, {
    refresh: { ...properties, ...owner },
  });
  if (outcome !== 'done') throw new Error(`the late refresh of ${name} failed`);
}

function store({ aws, region }: ProofAccount, name: EnvironmentName, secretString: string): void {
  aws.secrets.putValue(aws.iam.administrator, region, { secretId: environments[name].secret, secretString });
}

async function rotate(account: ProofAccount, name: EnvironmentName, secretString: string): Promise<void> {
  const before = account.logged(name, '"refreshed"');
  store(account, name, secretString);
  await until(`the refresh of ${name}`, () => account.logged(name, '"refreshed"') > before);
  // A change of a secret comes as two events. The refresh of the second must not run into the next step.
  await account.aws.functions.settled();
}

/** Asks in a session of its own, which has no key in memory yet. */
export async function ask(
  account: ProofAccount,
  name: string,
  options: Parameters<ProofAccount['test']['invoke']>[2] = {},
): Promise<void> {
  const { body } = await account.test.invoke(account.output(name, 'agent', 'RuntimeArn'), question, options);
  if (!/4/.test(body) || body.includes('"error"')) throw new Error(`the agent of ${name} answered ${body}`);
}

/** Asks with the command, as somebody who has the policy that the stack prints and nothing else. */
async function askByCommand(account: ProofAccount): Promise<void> {
  const { aws, region } = account;
  const { endpoint } = account.test.client;
  const credentials = assumeInvoker(account, 'dev');
  const { status, output } = await runNode(
    [join(projectFolder, 'cli/main.js'), 'invoke', '--environment', 'dev', question.prompt],
    {
      env: {
        PATH: process.env.PATH,
        HOME: aws.directory,
        ...clientEnvironment({ endpoint, region, credentials }),
        AWS_SESSION_TOKEN: credentials.sessionToken,
      },
    },
  );
  if (status !== 0) throw new Error(`npm run invoke failed: ${output}`);
}

/** A role of somebody who asks the agent. */
export function assumeInvoker(account: ProofAccount, environment: string) {
  const { aws } = account;
  const policy = JSON.parse(account.output(environment, 'agent', 'InvokerPolicy'));
  const { arn } = aws.iam.putRole({
    name: `invoker-of-${environment}`,
    trustPolicy: { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: aws.account } } },
    inlinePolicies: { Invoker: policy },
  });
  account.register(arn, 'Invoker', environment);
  return aws.iam.assumeRole(aws.iam.administrator, arn, 'somebody');
}

/** The roles that the real `cdk` was seen to take: test/e2e/deployer.test.ts. */
export const rolesOfBootstrap = ['deploy', 'file-publishing', 'image-publishing', 'lookup'] as const;

async function takeRolesOfBootstrap(account: ProofAccount): Promise<void> {
  const { endpoint } = account.test.client;
  const sts = new STSClient({ region: account.region, endpoint, credentials: assumeDeployer(account) });
  for (const role of rolesOfBootstrap) {
    await sts.send(new AssumeRoleCommand({ RoleArn: bootstrapRole(account, role), RoleSessionName: 'cdk' }));
  }
  sts.destroy();
}

/** Who releases: the role of a pipeline. */
function asPipeline(account: ProofAccount) {
  const { accessKeyId, secretAccessKey, sessionToken } = assumeDeployer(account);
  const { region, endpoint } = account.test.client;
  const client = { region, endpoint, credentials: { accessKeyId, secretAccessKey, sessionToken } };
  return { environment: account.environment('dev'), client };
}

async function release(account: ProofAccount): Promise<void> {
  await releaseNewest(asPipeline(account));
}

export function bootstrapRole({ aws, region }: ProofAccount, role: string): string {
  return aws.iam.roleArn(`cdk-${defaultQualifier}-${role}-role-${aws.account}-${region}`);
}

/** A role of a pipeline. */
export function assumeDeployer(account: ProofAccount) {
  const { aws } = account;
  const { arn } = aws.iam.putRole({
    name: 'deployer',
    trustPolicy: { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: aws.account } } },
    inlinePolicies: { Deployer: deployerPolicy(account.environment('dev'), account.place) },
  });
  account.register(arn, 'Deployer', 'dev');
  return aws.iam.assumeRole(aws.iam.administrator, arn, 'pipeline');
}

/** The calls that the real `cdk diff --method template` was seen to make: test/e2e/pipeline.test.ts. */
async function compare(account: ProofAccount): Promise<void> {
  const { endpoint } = account.test.client;
  const client = new CloudFormationClient({ region: account.region, endpoint, credentials: assumeDiff(account) });
  for (const part of ['identity', 'agent'] as const) {
    const StackName = account.stack('dev', part).name;
    await client.send(new DescribeStacksCommand({ StackName }));
    await client.send(new GetTemplateCommand({ StackName }));
  }
  client.destroy();
}

/** The role of pull requests. */
export function assumeDiff(account: ProofAccount) {
  const { aws, region } = account;
  const { arn } = aws.iam.putRole({
    name: 'diff',
    trustPolicy: { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: aws.account } } },
    inlinePolicies: {
      Diff: diffPolicy({ name: 'dev' }, { account: aws.account, region, qualifier: defaultQualifier }),
    },
  });
  account.register(arn, 'Diff', 'dev');
  return aws.iam.assumeRole(aws.iam.administrator, arn, 'pull-request');
}

/** A handler of `dev` that somebody gave every permission, within its boundary. */
export function assumeWidened(account: ProofAccount) {
  const { aws } = account;
  const { arn } = aws.iam.putRole({
    name: 'widened',
    trustPolicy: { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: aws.account } } },
    inlinePolicies: { Everything: { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } },
    permissionsBoundary: account.boundaryArn('dev'),
  });
  account.register(arn, bounds, 'dev');
  return aws.iam.assumeRole(aws.iam.administrator, arn, 'widened');
}
