import { key, type Patient, region } from '../patient.ts';
import { all, deny, type Row } from './row.ts';

const parameter = '/cdk-bootstrap/hnb659fds/version';
const ours = 'outbound-auth-dev-openai-c3f848';
const stack = 'arn:aws:cloudformation:us-east-1:111122223333:stack/theirs/1';
const moreRoom = 'Delete those that nobody uses, or ask for a higher quota (Service Quotas, Bedrock AgentCore).';
const takeOver = 'Take it over with "adoptExisting": true, or choose another "credentialProviderName".';

function makeProvider({ aws }: Patient, name: string, tags: Record<string, string> = {}): void {
  const administrator = { region, caller: aws.iam.administrator, authorize: () => {} };
  aws.credentialProviders.create(administrator, { name, apiKey: key, tags });
}

export const accountRows: readonly Row[] = [
  [
    'this machine uses another Region than the environment',
    () => {
      process.env.AWS_REGION = 'eu-west-1';
    },
    [
      '! region: The environment dev is in us-east-1, and AWS clients on this machine use eu-west-1. → Nothing for the commands of this project, which follow the environment; give aws --region us-east-1.',
    ],
  ],
  [
    'nobody has run cdk bootstrap',
    ({ aws }) => void aws.faultInjection.next('GetParameter', { code: 'ParameterNotFound' }),
    [
      `✗ bootstrap: There is none in 111122223333, us-east-1 (no parameter ${parameter}). → Run npx cdk bootstrap aws://111122223333/us-east-1`,
    ],
  ],
  [
    'nobody has run cdk bootstrap with the qualifier of the environment',
    (patient) => {
      patient.settings = { bootstrapQualifier: 'team' };
    },
    [
      '✗ bootstrap: There is none in 111122223333, us-east-1 (no parameter /cdk-bootstrap/team/version). → Run npx cdk bootstrap aws://111122223333/us-east-1 --qualifier team --toolkit-stack-name CDKToolkit-team',
    ],
  ],
  [
    'the bootstrap is too old',
    ({ aws }) => void aws.parameters.put(region, parameter, '5'),
    [
      '✗ bootstrap: Version 5 in 111122223333, us-east-1 is too old: the stacks need 6. → Run npx cdk bootstrap aws://111122223333/us-east-1',
    ],
  ],
  [
    'the caller may not deploy',
    (patient) => patient.actAs('developer', all, deny('sts:AssumeRole')),
    [
      '✗ bootstrap: Version 33 in 111122223333, us-east-1, but you may not take its role arn:aws:iam::111122223333:role/cdk-hnb659fds-deploy-role-111122223333-us-east-1. → Allow sts:AssumeRole on it (npm run policies -- deployer), and see that its trust policy does.',
    ],
  ],
  [
    'the quota of credential providers is used up',
    (patient) => {
      for (let index = 0; index < 50; index++) makeProvider(patient, `other-${index}`);
    },
    [
      `✗ provider-quota: 50 of 50 API key credential providers in 111122223333, us-east-1: there is no room for 1 more. → ${moreRoom}`,
    ],
  ],
  [
    'the quota of credential providers has no room for a replacement',
    (patient) => {
      patient.settings = { adoptExisting: true, source: 'copy', credentialProviderName: 'mine', secret: 'plain' };
      patient.store(key, { name: 'plain' });
      for (let index = 0; index < 49; index++) makeProvider(patient, `other-${index}`);
      makeProvider(patient, 'mine');
    },
    [
      `! provider-quota: 50 of 50 API key credential providers in 111122223333, us-east-1: no provider of this environment could be replaced. → ${moreRoom}`,
    ],
  ],
  [
    'somebody has made a credential provider of this name by hand',
    (patient) => makeProvider(patient, ours),
    [`✗ provider-name: ${ours} exists already, and was made outside CloudFormation. → ${takeOver}`],
  ],
  [
    'another stack has a credential provider of this name',
    (patient) => makeProvider(patient, ours, { 'outbound-auth:stack-id': stack }),
    [`✗ provider-name: ${ours} exists already, and belongs to the stack ${stack}. → ${takeOver}`],
  ],
  [
    'the credential provider to adopt holds a copy, and a reference is wanted',
    (patient) => {
      patient.settings = { adoptExisting: true, credentialProviderName: 'mine' };
      makeProvider(patient, 'mine');
    },
    [
      '✗ provider-name: mine is MANAGED and cannot become EXTERNAL, as "source" wants it. → Choose another "credentialProviderName", or leave it out.',
    ],
  ],
  [
    'the caller may not invoke with a user id',
    (patient) => patient.actAs('developer', all, deny('*:InvokeAgentRuntimeForUser')),
    [
      '! callers: arn:aws:iam::111122223333:role/developer may not invoke the agent with a user id: bedrock-agentcore:InvokeAgentRuntimeForUser is not allowed. → Attach the policy of the output InvokerPolicy of the agent stack to whoever asks the agent.',
    ],
  ],
  [
    'the caller may not ask IAM what it may',
    (patient) => patient.actAs('developer', all, deny('iam:*')),
    [
      '! callers: Whether arn:aws:sts::111122223333:assumed-role/developer/me may invoke the agent with a user id was not looked at: IAM does not let it simulate. → Allow iam:SimulatePrincipalPolicy and iam:GetRole, or try it once the agent is deployed: npm run invoke.',
    ],
  ],
];
