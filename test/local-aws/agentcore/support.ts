import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import type { AgentRuntime } from '../../../local-aws/agentcore/agent-runtimes.ts';
import type { RuntimeDefinition } from '../../../local-aws/agentcore/runtime-definition.ts';
import type { Aws } from '../../../local-aws/aws.ts';
import type { ImageConfig } from '../../../local-aws/ecr/image-config.ts';
import type { Statement } from '../../../local-aws/iam/policy.ts';
import { account, putRole, region } from '../lambda/support.ts';

export { account, eventually, isAlive, openAccount, putRole, region } from '../lambda/support.ts';

/** Credentials that local-aws did not issue: the account's administrator. */
export const administrator = { accessKeyId: 'test', secretAccessKey: 'test' };

/** SDK clients for both planes, as the administrator or as a role. */
export function clientsOf(aws: Aws, roleArn?: string) {
  const credentials = roleArn ? aws.iam.assumeRoleAsService(roleArn, 'test.amazonaws.com', 'tester') : administrator;
  const settings = { region, endpoint: aws.endpoint, credentials, maxAttempts: 1 };
  return { control: new BedrockAgentCoreControlClient(settings), data: new BedrockAgentCoreClient(settings) };
}

/** A role that tests act as. */
export function testerRole(aws: Aws, statements: readonly Statement[]): string {
  return putRole(aws, `tester-${randomBytes(4).toString('hex')}`, 'test.amazonaws.com', statements).arn;
}

/** Allows actions on everything. */
export function allow(...actions: string[]): Statement {
  return { Effect: 'Allow', Action: actions, Resource: '*' };
}

/** What an execution role needs, with all that is documented. */
export const executionActions = [
  'ecr:GetAuthorizationToken',
  'ecr:BatchGetImage',
  'ecr:GetDownloadUrlForLayer',
  'logs:CreateLogGroup',
  'logs:CreateLogStream',
  'logs:PutLogEvents',
];

/** An execution role that AgentCore may take, with the documented conditions. */
export function executionRole(aws: Aws, name: string, actions: readonly string[] = executionActions): string {
  return putRole(aws, name, 'bedrock-agentcore.amazonaws.com', [allow(...actions)], {
    StringEquals: { 'aws:SourceAccount': account },
    ArnLike: { 'aws:SourceArn': `arn:aws:bedrock-agentcore:${region}:${account}:runtime/*` },
  }).arn;
}

/** Pushes the test agent as an image and gives its URI. */
export async function pushAgent(aws: Aws, tag: string, config: Partial<ImageConfig> = {}): Promise<string> {
  const { uri } = aws.images.createRepository(region, 'agents');
  await aws.images.push(region, 'agents', tag, {
    config: {
      platform: 'linux/arm64',
      command: ['node', 'main.ts'],
      entrypoint: [],
      environment: { FROM_IMAGE: 'image', WORD: 'image' },
      workingDirectory: '/app',
      user: '1000',
      ...config,
    },
    files: new Map([['app/main.ts', readFileSync(join(import.meta.dirname, 'agent.ts'))]]),
    folders: [],
    executables: new Set(),
  });
  return `${uri}:${tag}`;
}

/** A runtime of the test agent, made by the administrator. */
export async function createRuntime(
  aws: Aws,
  name: string,
  more: Partial<RuntimeDefinition> = {},
): Promise<AgentRuntime> {
  const definition = await definitionOf(aws, more);
  return aws.runtimes.create(maker(aws), name, definition);
}

/** What a version of the test agent's runtime is made of. */
export async function definitionOf(aws: Aws, more: Partial<RuntimeDefinition> = {}): Promise<RuntimeDefinition> {
  return {
    agentRuntimeArtifact: { containerConfiguration: { containerUri: await pushAgent(aws, 'good') } },
    roleArn: executionRole(aws, 'execution'),
    networkConfiguration: { networkMode: 'PUBLIC' },
    ...more,
  };
}

/** The administrator, as a maker of runtimes. */
export function maker(aws: Aws) {
  const { administrator: principal } = aws.iam;
  return {
    region,
    authorize: (action: string, resources: string | readonly string[]) =>
      aws.iam.authorize(principal, action, resources),
  };
}
