import { account, admit, type Patient, printed, region, secretName } from './patient.ts';
import { all, deny } from './rows/row.ts';

let patient: Patient;

beforeEach(async () => {
  process.env.AWS_REGION = region;
  patient = await admit();
});
afterEach(async () => {
  const { faults } = patient.aws;
  await patient.aws.close();
  expect(faults).toEqual([]);
});

const me = 'arn:aws:iam::111122223333:user/local-administrator';

/** What was found but for this machine and what is as it should be. */
const complaints = async (verify = false) =>
  (await patient.examine(verify)).filter(({ verdict }) => verdict !== 'ok').map(printed);

test('an environment with nothing wrong', async () => {
  expect((await patient.examine()).slice(2).map(printed)).toEqual([
    `✓ credentials: They are those of ${me}.`,
    '✓ account: 111122223333: the environment dev names none, so it is that of the credentials.',
    '✓ region: us-east-1, as the environment dev says.',
    '✓ bootstrap: Version 33 in 111122223333, us-east-1; you may deploy by it.',
    '✓ agentcore: It answers in us-east-1.',
    '✓ artifact: A zip of the code, for which neither Docker nor anything else is needed.',
    `✓ secret: ${secretName} holds what looks like a key under "apiKey".`,
    '✓ provider-quota: 0 of 50 API key credential providers in 111122223333, us-east-1.',
    '✓ provider-name: outbound-auth-dev-openai-c3f848 is free.',
    '✓ runtime-name: outbound_auth_dev_zip is free.',
    `✓ callers: ${me} may invoke the agent with a user id.`,
    "✓ network: AgentCore's public network.",
  ]);
});

test('it changes nothing, and reads no secret but that of the environment', async () => {
  await patient.examine(true);
  const operations = new Set(patient.aws.journal.map(({ operation }) => operation));
  expect([...operations].sort()).toEqual([
    'AssumeRole',
    'DescribeSecret',
    'DescribeStacks',
    'GetApiKeyCredentialProvider',
    'GetCallerIdentity',
    'GetParameter',
    'GetSecretValue',
    'ListAgentRuntimes',
    'ListApiKeyCredentialProviders',
    'SimulatePrincipalPolicy',
  ]);
});

describe('who asks', () => {
  test('need not, where the agent answers callers that name none', async () => {
    patient.settings = { callersWithoutUser: true };
    patient.actAs('developer', all, deny('*:InvokeAgentRuntimeForUser'));
    expect((await patient.examine()).map(printed)).toContain(
      '✓ callers: arn:aws:iam::111122223333:role/developer may invoke the agent.',
    );
  });

  test('is known by a role with a path, as that of single sign-on', async () => {
    patient.aws.iam.putRole({
      name: 'AWSReservedSSO_Admin',
      path: '/aws-reserved/sso.amazonaws.com/',
      trustPolicy: { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: account } } },
      inlinePolicies: { policy: { Statement: [all] } },
    });
    const credentials = patient.aws.iam.assumeRole(
      patient.aws.iam.administrator,
      patient.aws.iam.roleArn('AWSReservedSSO_Admin', '/aws-reserved/sso.amazonaws.com/'),
      'me',
    );
    patient.client = { credentials };
    const callers = (await patient.examine()).find(({ check }) => check === 'callers');
    expect(callers && printed(callers)).toBe(
      '✓ callers: arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin may invoke the agent with a user id.',
    );
  });
});

test('a caller who may nothing is told what was not looked at, and by which permission it would be', async () => {
  patient.actAs('nobody');
  patient.settings = { network: { subnets: ['subnet-0123456789abcdef0'], securityGroups: ['sg-0123456789abcdef0'] } };
  const nobody = 'User: arn:aws:sts::111122223333:assumed-role/nobody/me is not authorized to perform:';
  const lines = await complaints();
  expect(lines.map((line) => line.replace(/ Not looked at: .*? → /, ' … → '))).toEqual([
    '! bootstrap: … → Allow ssm:GetParameter on the parameter of the bootstrap.',
    `! secret: … → Allow secretsmanager:DescribeSecret on ${secretName}.`,
    '! provider-quota: … → Allow bedrock-agentcore:ListApiKeyCredentialProviders.',
    '! provider-name: … → Allow bedrock-agentcore:GetApiKeyCredentialProvider and ListTagsForResource, and cloudformation:DescribeStacks.',
    '! runtime-name: … → Allow bedrock-agentcore:ListAgentRuntimes and cloudformation:ListStackResources.',
    '! callers: Whether arn:aws:sts::111122223333:assumed-role/nobody/me may invoke the agent with a user id was not looked at: IAM does not let it simulate. → Allow iam:SimulatePrincipalPolicy and iam:GetRole, or try it once the agent is deployed: npm run invoke.',
    '! network: … → Allow ec2:DescribeSubnets, DescribeSecurityGroups and DescribeRouteTables.',
  ]);
  expect(lines[0]).toContain(`${nobody} ssm:GetParameter on resource:`);
});
