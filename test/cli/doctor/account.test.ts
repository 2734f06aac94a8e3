import { account, admit, key, type Patient, printed, region, secretName } from './patient.ts';

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
const notLooked = 'What is in the account was not looked at.';
const logIn = 'Log in (aws sso login, AWS_PROFILE, …) and try again.';

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
    '✓ runtime-name: outbound_auth_dev is free.',
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

describe('what is wrong before anything in the account can be looked at is said once', () => {
  const fails = (operation: string, code: string) => () =>
    void patient.aws.faultInjection.next(operation, { code, status: 403 });

  test.each<[string, () => void, string]>([
    [
      'expired credentials',
      fails('GetCallerIdentity', 'ExpiredTokenException'),
      `✗ credentials: The AWS credentials have expired. ${notLooked} → ${logIn}`,
    ],
    [
      'unknown credentials',
      fails('GetCallerIdentity', 'InvalidClientTokenId'),
      `✗ credentials: AWS does not know the credentials in us-east-1. ${notLooked} → ${logIn} If they are right, the account has not enabled the Region us-east-1.`,
    ],
    [
      'a wrong secret access key',
      fails('GetCallerIdentity', 'SignatureDoesNotMatch'),
      `✗ credentials: AWS does not accept the secret access key, or the clock of this machine is wrong. ${notLooked} → ${logIn}`,
    ],
    [
      'a wrong account',
      () => {
        patient.settings = { account: '444455556666' };
      },
      `✗ account: The credentials are of the account 111122223333, and the environment dev is of 444455556666. ${notLooked} → Log in to 444455556666 (AWS_PROFILE, aws sso login, …), or change "account" of the environment.`,
    ],
  ])('%s', async (_what, infect, line) => {
    infect();
    expect(await complaints()).toEqual([line]);
    expect(patient.aws.journal.filter(({ operation }) => operation !== 'GetCallerIdentity')).toEqual([]);
  });
});

test('another Region of the machine than of the environment', async () => {
  process.env.AWS_REGION = 'eu-west-1';
  expect(await complaints()).toEqual([
    '! region: The environment dev is in us-east-1, and AWS clients on this machine use eu-west-1. → Nothing for the commands of this project, which follow the environment; give aws --region us-east-1.',
  ]);
});

describe('the bootstrap', () => {
  const parameter = '/cdk-bootstrap/hnb659fds/version';

  test('is missing', async () => {
    void patient.aws.faultInjection.next('GetParameter', { code: 'ParameterNotFound' });
    expect(await complaints()).toEqual([
      `✗ bootstrap: There is none in 111122223333, us-east-1 (no parameter ${parameter}). → Run npx cdk bootstrap aws://111122223333/us-east-1`,
    ]);
  });

  test('of the qualifier is missing', async () => {
    patient.settings = { bootstrapQualifier: 'team' };
    expect(await complaints()).toEqual([
      '✗ bootstrap: There is none in 111122223333, us-east-1 (no parameter /cdk-bootstrap/team/version). → Run npx cdk bootstrap aws://111122223333/us-east-1 --qualifier team --toolkit-stack-name CDKToolkit-team',
    ]);
  });

  test('is too old', async () => {
    patient.aws.parameters.put(region, parameter, '5');
    expect(await complaints()).toEqual([
      '✗ bootstrap: Version 5 in 111122223333, us-east-1 is too old: the stacks need 6. → Run npx cdk bootstrap aws://111122223333/us-east-1',
    ]);
  });

  test('does not let the caller deploy', async () => {
    patient.actAs(
      'developer',
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: 'sts:AssumeRole', Resource: '*' },
    );
    expect(await complaints()).toEqual([
      '✗ bootstrap: Version 33 in 111122223333, us-east-1, but you may not take its role arn:aws:iam::111122223333:role/cdk-hnb659fds-deploy-role-111122223333-us-east-1. → Allow sts:AssumeRole on it (npm run policies -- deployer), and see that its trust policy does.',
    ]);
  });
});

describe('credential providers', () => {
  const make = (name: string, tags: Record<string, string> = {}) =>
    patient.aws.credentialProviders.create(
      { region, caller: patient.aws.iam.administrator, authorize: () => {} },
      { name, apiKey: key, tags },
    );
  const ours = 'outbound-auth-dev-openai-c3f848';

  test('are as many as AWS allows', async () => {
    for (let index = 0; index < 50; index++) make(`other-${index}`);
    expect(await complaints()).toEqual([
      '✗ provider-quota: 50 of 50 API key credential providers in 111122223333, us-east-1: there is no room for 1 more. → Delete those that nobody uses, or ask for a higher quota (Service Quotas, Bedrock AgentCore).',
    ]);
  });

  test('leave no room for a replacement', async () => {
    patient.settings = { adoptExisting: true, source: 'copy', credentialProviderName: 'mine', secret: 'plain' };
    patient.store(key, { name: 'plain' });
    for (let index = 0; index < 49; index++) make(`other-${index}`);
    make('mine');
    expect(await complaints()).toEqual([
      '! provider-quota: 50 of 50 API key credential providers in 111122223333, us-east-1: no provider of this environment could be replaced. → Delete those that nobody uses, or ask for a higher quota (Service Quotas, Bedrock AgentCore).',
    ]);
  });

  test('of this name was made by hand', async () => {
    make(ours);
    expect(await complaints()).toEqual([
      `✗ provider-name: ${ours} exists already, and was made outside CloudFormation. → Take it over with "adoptExisting": true, or choose another "credentialProviderName".`,
    ]);
  });

  test('of this name is of another stack', async () => {
    const stack = 'arn:aws:cloudformation:us-east-1:111122223333:stack/theirs/1';
    make(ours, { 'outbound-auth:stack-id': stack });
    expect(await complaints()).toEqual([
      `✗ provider-name: ${ours} exists already, and belongs to the stack ${stack}. → Take it over with "adoptExisting": true, or choose another "credentialProviderName".`,
    ]);
  });

  test('of this name cannot be adopted, since it holds a copy', async () => {
    patient.settings = { adoptExisting: true, credentialProviderName: 'mine' };
    make('mine');
    expect(await complaints()).toEqual([
      '✗ provider-name: mine is MANAGED and cannot become EXTERNAL, as "source" wants it. → Choose another "credentialProviderName", or leave it out.',
    ]);
  });
});

describe('who asks', () => {
  const all = { Effect: 'Allow', Action: '*', Resource: '*' } as const;

  test('may not invoke for a user', async () => {
    patient.actAs('developer', all, { Effect: 'Deny', Action: '*:InvokeAgentRuntimeForUser', Resource: '*' });
    expect(await complaints()).toEqual([
      '! callers: arn:aws:iam::111122223333:role/developer may not invoke the agent with a user id: bedrock-agentcore:InvokeAgentRuntimeForUser is not allowed. → Attach the policy of the output InvokerPolicy of the agent stack to whoever asks the agent.',
    ]);
  });

  test('may not simulate', async () => {
    patient.actAs('developer', all, { Effect: 'Deny', Action: 'iam:*', Resource: '*' });
    expect(await complaints()).toEqual([
      '! callers: Whether arn:aws:sts::111122223333:assumed-role/developer/me may invoke with a user id was not looked at: IAM does not let it simulate. → Allow iam:SimulatePrincipalPolicy and iam:GetRole, or try it once the agent is deployed: npm run invoke.',
    ]);
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
    '! runtime-name: … → Allow bedrock-agentcore:ListAgentRuntimes and cloudformation:DescribeStacks.',
    '! callers: Whether arn:aws:sts::111122223333:assumed-role/nobody/me may invoke with a user id was not looked at: IAM does not let it simulate. → Allow iam:SimulatePrincipalPolicy and iam:GetRole, or try it once the agent is deployed: npm run invoke.',
    '! network: … → Allow ec2:DescribeSubnets, DescribeSecurityGroups and DescribeRouteTables.',
  ]);
  expect(lines[0]).toContain(`${nobody} ssm:GetParameter on resource:`);
});
