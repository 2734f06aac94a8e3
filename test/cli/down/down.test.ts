import { down } from '../../../cli/down/down.ts';
import { type LocalAws, startLocalAws } from '../../../local-aws/index.ts';

jest.setTimeout(60_000);

const region = 'us-east-1';
const stackName = 'outbound-auth-dev-agent';
const formerVariables = process.env;
const logGroup = '/aws/bedrock-agentcore/runtimes/outbound_auth_dev-a1b2c3d4e5-DEFAULT';

let aws: LocalAws;
beforeEach(async () => {
  aws = await startLocalAws();
  process.env = {
    ...formerVariables,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    // No app: every cdk destroy fails.
    CDK_APP: 'false',
  };
  for (const stream of [process.stdout, process.stderr]) jest.spyOn(stream, 'write').mockReturnValue(true);
});
afterEach(async () => {
  process.env = formerVariables;
  jest.restoreAllMocks();
  await aws.close();
});

const run = () => down(['--environment', 'dev', '--yes', '--delete-logs', '--endpoint-url', aws.endpoint]);
const logGroups = () => aws.logs.groups(region).map(({ name }) => name);

test('the logs stay where cdk destroy fails: they may say why', async () => {
  const Parameter = { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'x' } };
  await aws.stacks.deploy({ region, stackName, template: { Resources: { Parameter } } });
  aws.logs.createGroup(region, logGroup);
  expect(await run()).toBe(1);
  expect(logGroups()).toEqual([logGroup]);
});

test('they go where there is no stack any more', async () => {
  aws.logs.createGroup(region, logGroup);
  expect(await run()).toBe(0);
  expect(logGroups()).toEqual([]);
});
