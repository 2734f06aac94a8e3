import type { Row } from './row.ts';

const notLooked = 'What is in the account was not looked at.';
const logIn = 'Log in (aws sso login, AWS_PROFILE, …) and try again.';

const failsWith =
  (code: string): Row[1] =>
  ({ aws }) =>
    void aws.faultInjection.next('GetCallerIdentity', { code, status: 403 });

/** Nothing else can be looked at with any of these. */
export const credentialsRows: readonly Row[] = [
  [
    'the credentials have expired',
    failsWith('ExpiredTokenException'),
    [`✗ credentials: The AWS credentials have expired. ${notLooked} → ${logIn}`],
  ],
  [
    'AWS does not know the credentials',
    failsWith('InvalidClientTokenId'),
    [
      `✗ credentials: AWS does not know the credentials in us-east-1. ${notLooked} → ${logIn} If they are right, the account has not enabled the Region us-east-1.`,
    ],
  ],
  [
    'the secret access key is wrong',
    failsWith('SignatureDoesNotMatch'),
    [
      `✗ credentials: AWS does not accept the secret access key, or the clock of this machine is wrong. ${notLooked} → ${logIn}`,
    ],
  ],
  [
    'the credentials are of another account than the environment',
    (patient) => {
      patient.settings = { account: '444455556666' };
    },
    [
      `✗ account: The credentials are of the account 111122223333, and the environment dev is of 444455556666. ${notLooked} → Log in to 444455556666 (AWS_PROFILE, aws sso login, …), or change "account" of the environment.`,
    ],
  ],
];
