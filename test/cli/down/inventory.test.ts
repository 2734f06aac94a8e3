import { present, takeInventory } from '../../../cli/down/inventory.ts';
import { describeStacks } from '../../../cli/stacks.ts';
import { anyCredentials } from '../../../cli/start/environment.ts';
import { resourceTypes } from '../../../lib/credential-provider/resource-properties.ts';
import { type Environment, readEnvironments } from '../../../lib/environments/index.ts';
import { type LocalAws, startLocalAws } from '../../../local-aws/index.ts';

const [environment] = readEnvironments({ dev: { secret: 'team/openai' } }) as [Environment];
const region = 'us-east-1';
const ofAgentCore = (runtimeId: string) => `/aws/bedrock-agentcore/runtimes/${runtimeId}-DEFAULT`;

/** What a resource has besides its names and status. */
const bare = {
  dependsOn: new Set<string>(),
  properties: {},
  attributes: {},
  deletionPolicy: 'Delete',
  updateReplacePolicy: 'Delete',
  lastUpdated: new Date(),
} as const;

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.close());

async function look() {
  const client = { region, endpoint: aws.endpoint, credentials: anyCredentials };
  const inventory = await takeInventory({ self: client, ofStack: client }, await describeStacks(environment, client));
  const items = await present({ environment, client, qualifier: 'hnb659fds', inventory });
  return items.map(({ kind, name }) => `${kind} ${name}`);
}

test('where there is nothing, nothing is found but the bootstrap', async () => {
  expect(await look()).toEqual(['bootstrap CDKToolkit']);
});

test('what the stack has is found, and the logs of the runtimes that it has had; those of others are not', async () => {
  const Resources = { Logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'of-the-stack' } } };
  await aws.stacks.deploy({ region, stackName: 'outbound-auth-dev-agent', template: { Resources } });
  const stack = aws.stacks.get(region, 'outbound-auth-dev-agent');
  // What a change of artifact leaves in the events.
  stack.recordResource(
    {
      ...bare,
      logicalId: 'Runtime',
      physicalId: 'outbound_auth_dev_zip-0123456789',
      type: 'AWS::BedrockAgentCore::Runtime',
      status: 'DELETE_COMPLETE',
    },
    { id: 'an operation' },
  );
  for (const id of [
    'outbound_auth_dev_zip-0123456789',
    'outbound_auth_dev-abcdefghij',
    'outbound_auth_dev2-abcdefghij',
  ]) {
    aws.logs.createGroup(region, ofAgentCore(id));
  }
  expect(await look()).toEqual([
    'stack outbound-auth-dev-agent',
    'log group of-the-stack',
    `log group of the agent ${ofAgentCore('outbound_auth_dev-abcdefghij')}`,
    `log group of the agent ${ofAgentCore('outbound_auth_dev_zip-0123456789')}`,
    'bootstrap CDKToolkit',
  ]);
});

test('what could not be made, or is deleted, is no credential provider to look for', async () => {
  const stackName = 'outbound-auth-dev-identity';
  const Parameter = { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'x' } };
  await aws.stacks.deploy({ region, stackName, template: { Resources: { Parameter } } });
  const stack = aws.stacks.get(region, stackName);
  const rows = [
    ['Provider', 'create-failed:outbound-auth-dev-openai-c3f848', 'CREATE_FAILED'],
    ['Former', 'outbound-auth-dev-openai-000000', 'DELETE_COMPLETE'],
    ['Kept', 'outbound-auth-dev-openai-111111', 'DELETE_FAILED'],
  ] as const;
  for (const [logicalId, physicalId, status] of rows) {
    const type = resourceTypes.credentialProvider;
    stack.setResource({ ...bare, logicalId, physicalId, type, status }, { id: 'an operation' });
  }
  const client = { region, endpoint: aws.endpoint, credentials: anyCredentials };
  const inventory = await takeInventory({ self: client, ofStack: client }, await describeStacks(environment, client));
  expect(inventory.providers).toEqual(['outbound-auth-dev-openai-111111']);
  expect(await look()).toContain(`stack ${stackName}`);
});
