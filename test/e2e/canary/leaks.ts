import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { BedrockAgentCoreClient, InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient, TagResourceCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { strToU8, zipSync } from 'fflate';
import { cdkEnvironment } from '../../../cli/start/environment.ts';
import type { TestAccount } from '../../support/account.ts';
import { projectFolder, runNode } from '../../support/run.ts';
import type { Printed } from './evidence.ts';
import { type CanaryKey, canaryKey } from './key.ts';
import type { ModelFront } from './model-front.ts';
import { type PlaceId, places } from './places.ts';

/** A key for each place, made to be found there. */
export type PlantedKeys = Readonly<Record<PlaceId, CanaryKey>>;

export function plantedKeys(): PlantedKeys {
  return Object.fromEntries(
    Object.entries(places).map(([id, { name }]) => [id, canaryKey(`planted: ${name}`)]),
  ) as unknown as PlantedKeys;
}

/** Where the leaks are made, and where they leave what a journey leaves. */
export interface Ground {
  readonly account: TestAccount;
  readonly model: ModelFront;
  readonly printed: Printed[];
  readonly assemblies: string[];
}

/**
 * Leaks each key at its place, by an app that does what ours must not: it is deployed to the same account, and what it
 * leaves is collected in the same way.
 *
 * @returns a checkout of a repository, with a key in a snapshot
 */
export async function plantLeaks(ground: Ground, keys: PlantedKeys): Promise<string> {
  // The leaking programs ask for their keys: in their code, these would be in places that are not theirs.
  const server = createServer((_request, response) =>
    response.end(JSON.stringify(Object.fromEntries(Object.entries(keys).map(([id, { value }]) => [id, value])))),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const source = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const runtimeArn = await deployLeakingStack(ground.account, keys, source);
    await leakByAgent(ground.account, runtimeArn, keys);
    await leakByCalls(ground, keys);
    await leakByCommands(ground, source);
    return await leakIntoRepository(ground.account.folder, keys);
  } finally {
    server.close();
  }
}

const handlerSource = (source: string) => `
const { spawn } = require('node:child_process');
const { writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
exports.handler = async (event) => {
  const keys = await (await fetch('${source}')).json();
  console.log('the key is', keys.handlerLogs);
  writeFileSync(join(tmpdir(), 'key.txt'), keys.temporaryFiles);
  const wait = 'setTimeout(() => {}, 400)';
  spawn(process.execPath, ['-e', wait, keys.commandLines], { stdio: 'ignore' });
  spawn(process.execPath, ['-e', wait], { stdio: 'ignore', env: { ...process.env, KEY: keys.processEnvironments } });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { StackId, RequestId, LogicalResourceId } = event;
  const Data = { Key: keys.customResourceAnswers, Output: keys.stacks };
  const answer = { Status: 'SUCCESS', PhysicalResourceId: 'leak', StackId, RequestId, LogicalResourceId, Data };
  await fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify(answer), headers: { 'content-type': '' } });
  return keys.handlerResults;
};`;

const agentSource = (source: string) => `
import { createServer } from 'node:http';
createServer(async (request, response) => {
  if (request.url === '/ping') return response.end('{"status":"Healthy"}');
  const keys = await (await fetch('${source}')).json();
  console.log('the key is', keys.agentLogs);
  const { trace } = globalThis[Symbol.for('opentelemetry.js.api.1')];
  trace.getTracer('leak').startSpan('leak', { attributes: { key: keys.traces } }).end();
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(keys.agentAnswers));
}).listen(Number(process.env.PORT), process.env.HOST);`;

async function deployLeakingStack(account: TestAccount, keys: PlantedKeys, source: string): Promise<string> {
  const { aws, region } = account;
  const bucket = `cdk-hnb659fds-assets-${aws.account}-${region}`;
  const repository = `cdk-hnb659fds-container-assets-${aws.account}-${region}`;
  const code = zipSync({
    'index.js': strToU8(handlerSource(source)),
    'key.txt': strToU8(keys.published.value.repeat(50)),
  });
  aws.objects.put(bucket, 'leak.zip', Buffer.from(code));
  await aws.images.push(region, repository, 'leak', {
    config: {
      platform: 'linux/arm64',
      command: ['node', 'main.mjs'],
      entrypoint: [],
      environment: {},
      workingDirectory: '/app',
      user: '1000',
    },
    files: new Map([['app/main.mjs', strToU8(agentSource(source))]]),
    folders: [],
    executables: new Set(),
  });
  const everything = { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const role = (service: string) => ({
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
      },
      Policies: [{ PolicyName: 'everything', PolicyDocument: everything }],
    },
  });
  const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
  const template = {
    Resources: {
      HandlerRole: role('lambda.amazonaws.com'),
      Handler: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Timeout: 10,
          Role: arnOf('HandlerRole'),
          Code: { S3Bucket: bucket, S3Key: 'leak.zip' },
          Environment: { Variables: { KEY: keys.handlerEnvironment.value } },
        },
      },
      Leak: {
        Type: 'Custom::Leak',
        Properties: { ServiceToken: arnOf('Handler'), ServiceTimeout: 20, Key: keys.handlerEvents.value },
      },
      Queue: { Type: 'AWS::SQS::Queue' },
      AgentRole: role('bedrock-agentcore.amazonaws.com'),
      Agent: {
        Type: 'AWS::BedrockAgentCore::Runtime',
        Properties: {
          AgentRuntimeName: 'leak',
          RoleArn: arnOf('AgentRole'),
          NetworkConfiguration: { NetworkMode: 'PUBLIC' },
          AgentRuntimeArtifact: {
            ContainerConfiguration: {
              ContainerUri: `${aws.account}.dkr.ecr.${region}.amazonaws.com/${repository}:leak`,
            },
          },
          EnvironmentVariables: { KEY: keys.runtimeEnvironment.value },
        },
      },
    },
    Outputs: {
      Key: { Value: { 'Fn::GetAtt': ['Leak', 'Output'] } },
      RuntimeArn: { Value: { 'Fn::GetAtt': ['Agent', 'AgentRuntimeArn'] } },
      QueueArn: { Value: arnOf('Queue') },
    },
  };
  const cloudFormation = new CloudFormationClient(account.client);
  const StackName = 'leak';
  await cloudFormation.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: JSON.stringify(template),
      Capabilities: ['CAPABILITY_IAM'],
      Tags: [{ Key: 'key', Value: keys.cloudFormationRequests.value }],
    }),
  );
  await waitUntilStackCreateComplete({ client: cloudFormation, maxWaitTime: 30, minDelay: 1 }, { StackName });
  await cloudFormation.send(new DescribeStacksCommand({ StackName }));
  cloudFormation.destroy();
  return account.output(StackName, 'RuntimeArn');
}

async function leakByAgent(account: TestAccount, agentRuntimeArn: string, keys: PlantedKeys): Promise<void> {
  const control = new BedrockAgentCoreControlClient(account.client);
  await control.send(new TagResourceCommand({ resourceArn: agentRuntimeArn, tags: { key: keys.tags.value } }));
  control.destroy();
  const agentCore = new BedrockAgentCoreClient(account.client);
  const { response } = await agentCore.send(
    new InvokeAgentRuntimeCommand({ agentRuntimeArn, payload: Buffer.from(keys.otherTraffic.value) }),
  );
  await response?.transformToString();
  agentCore.destroy();
}

async function leakByCalls({ account, model }: Ground, keys: PlantedKeys): Promise<void> {
  const { aws, region } = account;
  const queueArn = await account.output('leak', 'QueueArn');
  aws.queues.send(aws.iam.administrator, region, queueArn, {
    body: '{}',
    attributes: { ErrorMessage: keys.deadLetters.value },
  });
  const secretsManager = new SecretsManagerClient(account.client);
  await secretsManager.send(new CreateSecretCommand({ Name: keys.events.value, SecretString: 'no key' }));
  await secretsManager.send(new CreateSecretCommand({ Name: keys.trail.value }));
  await secretsManager.send(new PutSecretValueCommand({ SecretId: keys.trail.value, SecretString: 'no key' }));
  secretsManager.destroy();
  const answer = await fetch(`${model.url}/models`, { method: 'POST', body: keys.modelRequests.value });
  await answer.arrayBuffer();
}

async function leakByCommands(ground: Ground, source: string): Promise<void> {
  const { account, printed, assemblies } = ground;
  const home = await mkdtemp(join(account.folder, 'leak-'));
  const assembly = join(home, 'cdk.out');
  assemblies.push(assembly);
  const app = `${process.execPath} ${join(import.meta.dirname, 'leaking-app.ts')} ${source}`;
  const cdk = [join(projectFolder, 'node_modules/aws-cdk/bin/cdk'), 'list', '--no-notices'];
  const env = cdkEnvironment(account.client, home);
  const listed = await runNode([...cdk, '--app', app, '--output', assembly], { env });
  printed.push({ by: 'cdk', command: 'cdk list', output: listed.output });
  const command = `fetch('${source}').then((answer) => answer.json()).then((keys) => console.error(keys.ownOutput))`;
  printed.push({ by: 'us', command: 'npm run leak', output: (await runNode(['-e', command], { env })).output });
}

async function leakIntoRepository(folder: string, keys: PlantedKeys): Promise<string> {
  const checkout = join(folder, 'checkout');
  await mkdir(join(checkout, '__snapshots__'), { recursive: true });
  await writeFile(
    join(checkout, '__snapshots__/leak.test.ts.snap'),
    `exports[\`leak 1\`] = "${keys.repository.value}";`,
  );
  await runGit(checkout, 'init', '--quiet');
  return checkout;
}

async function runGit(cwd: string, ...args: string[]): Promise<void> {
  await once(spawn('git', args, { cwd, stdio: 'ignore' }), 'close');
}
