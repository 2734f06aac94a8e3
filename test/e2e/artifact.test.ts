import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BedrockAgentCoreControlClient, ListAgentRuntimesCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { TestAccount } from '../support/account.ts';
import { deployInProcess } from '../support/in-process-cdk.ts';
import { projectFolder, runNode } from '../support/run.ts';

const secret = 'team/openai';
const agentStack = 'outbound-auth-dev-agent';

let account: TestAccount;

jest.setTimeout(120_000);

beforeAll(async () => {
  account = await TestAccount.open();
  account.createSecret(secret);
});
afterAll(() => account.close());

const deploy = (settings: Record<string, unknown>) =>
  deployInProcess(account.aws, account.region, { dev: { secret, ...settings } });

const runtimeArn = () => account.output(agentStack, 'RuntimeArn');
const answer = async (prompt: string) => JSON.parse((await account.invoke(await runtimeArn(), { prompt })).body);

async function runtimeNames() {
  const agentCore = new BedrockAgentCoreControlClient(account.client);
  const { agentRuntimes = [] } = await agentCore.send(new ListAgentRuntimesCommand({}));
  agentCore.destroy();
  return agentRuntimes.map(({ agentRuntimeName }) => agentRuntimeName);
}

test('the real cdk deploys code without Docker, and the agent answers the tutorial’s questions', async () => {
  const docker = join(account.folder, 'no-docker');
  const called = join(account.folder, 'docker-was-called');
  await writeFile(docker, `#!/bin/sh\ntouch ${called}\nexit 1\n`, { mode: 0o755 });
  const command = [join(projectFolder, 'node_modules/aws-cdk/bin/cdk'), 'deploy', 'dev/*', '--no-notices'];
  const context = `environments=${JSON.stringify({ dev: { secret, artifact: 'code' } })}`;
  const options = ['--require-approval', 'never', '--context', context, '--output', join(account.folder, 'cdk.out')];
  const env = { ...account.environment, CDK_DOCKER: docker };
  const { status, output } = await runNode([...command, ...options], { env });
  expect([status, output]).toEqual([0, expect.stringContaining('dev/agent')]);
  expect(existsSync(called)).toBe(false);

  expect(await answer('What is the weather now?')).toMatch(/sunny/);
  expect(await answer('How much is 2X2?')).toMatch(/\b4\b/);
  expect(account.takeKeysUsed()).toEqual([account.model.key]);
});

test('npm run status shows where the code is', async () => {
  const { stdout } = await runNode(['cli/main.js', 'status', '--environment', 'dev'], { env: account.environment });
  expect(stdout).toMatch(
    /^Artifact code\n {9}s3:\/\/cdk-hnb659fds-assets-\d{12}-us-east-1\/[0-9a-f]{64}\.zip on NODE_22$/m,
  );
});

test('a deployment of other settings is a new version of the same runtime', async () => {
  const before = await runtimeArn();
  await deploy({ artifact: 'code', systemPrompt: 'Be brief.' });
  expect(await runtimeArn()).toBe(before);
  expect(await answer('How much is 2X2?')).toBe('2*2 = 4.');
});

test('a change to a container, and back, makes another runtime and removes the one before', async () => {
  const before = await runtimeArn();
  await deploy({});
  expect(await runtimeArn()).not.toBe(before);
  expect(await runtimeNames()).toEqual(['outbound_auth_dev']);
  expect(await answer('How much is 2X2?')).toBe('2*2 = 4.');
  await deploy({ artifact: 'code' });
  expect(await runtimeNames()).toEqual(['outbound_auth_dev_zip']);
  expect(await answer('How much is 2X2?')).toBe('2*2 = 4.');
});

test('a change under a name that the environment gives is refused by AgentCore, and everything is as it was', async () => {
  await deploy({ artifact: 'code', runtimeName: 'ours' });
  await expect(deploy({ artifact: 'container', runtimeName: 'ours' })).rejects.toThrow(
    'Agent artifact type cannot be updated',
  );
  expect((await account.stack(agentStack))?.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await answer('How much is 2X2?')).toBe('2*2 = 4.');
});
