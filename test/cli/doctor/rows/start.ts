/** What keeps the command from AWS, the variables that make it so, and the line of the doctor. */
export type StartRow = readonly [what: string, env: Readonly<Record<string, string | undefined>>, line: string];

const nowhere = { AWS_ENDPOINT_URL: undefined };
const noCredentials = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_EC2_METADATA_DISABLED: 'true',
};
const notLooked = 'What is in the account was not looked at.';

export const startRows: readonly StartRow[] = [
  [
    'there are no credentials',
    { ...nowhere, ...noCredentials },
    `✗ credentials: There are no AWS credentials. ${notLooked} → Log in (aws sso login, AWS_PROFILE, …) and try again.`,
  ],
  [
    'nobody names a Region',
    { ...nowhere, AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined },
    `✗ region: There is none: neither the environment dev nor this machine names one. ${notLooked} → Set "region" of the environment, or AWS_REGION.`,
  ],
  [
    'the Region does not exist',
    { AWS_ENDPOINT_URL: 'http://sts.us-east-9.invalid', AWS_REGION: 'us-east-9' },
    `✗ region: sts.us-east-9.invalid has no address: there is no Region us-east-9, or no way from this machine to AWS. ${notLooked} → Check "region" of the environment or AWS_REGION, and the network.`,
  ],
  [
    'AWS does not answer',
    { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
    `✗ credentials: 127.0.0.1:1 refuses the connection: is the Region right, and AWS_ENDPOINT_URL or --endpoint-url? ${notLooked} → Mend this first.`,
  ],
];

/** This one is looked at beside everything else. */
export const noAgentCore: StartRow = [
  'the Region has no AgentCore',
  { AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: 'http://agentcore.invalid' },
  '✗ agentcore: us-east-1 has no AgentCore: agentcore.invalid has no address. → Choose another "region" for the environment.',
];
