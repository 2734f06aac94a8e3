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

const deployStack = () => {
  const Parameter = { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'x' } };
  return aws.stacks.deploy({ region, stackName, template: { Resources: { Parameter } } });
};

test('the stacks are looked at with the role of the bootstrap, where the caller may not', async () => {
  await deployStack();
  const Action = [
    'sts:AssumeRole',
    ...['bedrock-agentcore', 'logs', 'secretsmanager', 'ssm'].map((each) => `${each}:*`),
  ];
  aws.iam.putRole({
    name: 'pipeline',
    trustPolicy: { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: aws.account } } },
    inlinePolicies: { down: { Statement: [{ Effect: 'Allow', Action, Resource: '*' }] } },
  });
  const role = aws.iam.assumeRole(aws.iam.administrator, aws.iam.roleArn('pipeline'), 'me');
  process.env.AWS_ACCESS_KEY_ID = role.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = role.secretAccessKey;
  process.env.AWS_SESSION_TOKEN = role.sessionToken;
  expect(await run()).toBe(1);
  expect(process.stdout.write).toHaveBeenCalledWith(expect.stringMatching(new RegExp(`Kept +stack ${stackName}`)));
});

test('the logs stay where cdk destroy fails: they may say why', async () => {
  await deployStack();
  aws.logs.createGroup(region, logGroup);
  expect(await run()).toBe(1);
  expect(logGroups()).toEqual([logGroup]);
});

test('they go where there is no stack any more', async () => {
  aws.logs.createGroup(region, logGroup);
  expect(await run()).toBe(0);
  expect(logGroups()).toEqual([]);
});
