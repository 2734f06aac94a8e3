import { up } from '../../../cli/up/up.ts';
import { readEnvironments } from '../../../lib/environments/index.ts';
import { deployerPolicy } from '../../../lib/policies/index.ts';
import type { Statement } from '../../../local-aws/iam/policy.ts';
import { type LocalAws, startLocalAws } from '../../../local-aws/index.ts';
import { busyLine } from './rows.ts';

jest.setTimeout(60_000);

const region = 'us-east-1';
const account = '111122223333';
const stackName = 'outbound-auth-dev-agent';
const formerVariables = process.env;

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
  const Parameter = { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'x' } };
  await aws.stacks.deploy({ region, stackName, template: { Resources: { Parameter } } });
});
afterEach(() => {
  process.env = formerVariables;
  jest.restoreAllMocks();
});
afterAll(() => aws.close());

/** Runs `up` while CloudFormation is at work, which it is until somebody waits for it. */
async function whileBusy(caller: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) {
  const stack = aws.stacks.get(region, stackName);
  stack.setStatus('UPDATE_IN_PROGRESS', { id: 'an operation' });
  let printed = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    printed += String(text);
    if (printed.includes('waiting for its end')) stack.setStatus('UPDATE_COMPLETE', { id: 'an operation' });
    return true;
  });
  process.env = {
    ...formerVariables,
    AWS_REGION: region,
    // Where the doctor stops it.
    CDK_DOCKER: '/there/is/no/docker',
    AWS_ACCESS_KEY_ID: caller.accessKeyId,
    AWS_SECRET_ACCESS_KEY: caller.secretAccessKey,
    ...(caller.sessionToken && { AWS_SESSION_TOKEN: caller.sessionToken }),
  };
  const ended = await up(['--environment', 'dev', '--yes', '--endpoint-url', aws.endpoint]).catch(
    (error: Error) => error.message,
  );
  return { ended, printed };
}

test('what CloudFormation still does is waited for before the doctor looks', async () => {
  const { ended, printed } = await whileBusy({ accessKeyId: 'local', secretAccessKey: 'local' });
  expect(printed).toContain(busyLine('UPDATE_IN_PROGRESS'));
  expect(ended).toMatch(/^Nothing was changed\. artifact: /);
});

test('by whoever may take the roles of the bootstrap, and nothing else', async () => {
  const [dev] = readEnvironments({ dev: { secret: 'agentcore-outbound-auth/dev/openai' } });
  if (!dev) throw new Error('no environment');
  const policy = deployerPolicy(dev, { account, region, qualifier: 'hnb659fds' });
  aws.iam.putRole({
    name: 'pipeline',
    trustPolicy: { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: account } } },
    inlinePolicies: { deploy: { Statement: [...policy.Statement] as Statement[] } },
  });
  const role = aws.iam.assumeRole(aws.iam.administrator, aws.iam.roleArn('pipeline'), 'me');
  const { printed } = await whileBusy(role);
  expect(printed).toContain(busyLine('UPDATE_IN_PROGRESS'));
});
