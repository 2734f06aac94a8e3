import { describeError } from '../../user-error.ts';
import { type Finding, findingsOf } from '../finding.ts';
import type { Session } from '../session.ts';

const { ok, warning, problem } = findingsOf('credentials');

const logIn = 'Log in (aws sso login, AWS_PROFILE, …) and try again.';
const notLooked = 'What is in the account was not looked at.';

/** Whose the credentials are, and whether the clock is right enough for them: AWS refuses requests five minutes off. */
export function credentialsCheck({ caller, clockOffset }: Session): Finding[] {
  const minutes = Math.round(Math.abs(clockOffset) / 60_000);
  return [
    ok(`They are those of ${caller}.`),
    ...(minutes < 4
      ? []
      : [
          warning(
            `The clock of this machine is ${minutes} minutes ${clockOffset > 0 ? 'behind' : 'ahead of'} that of AWS, which refuses a difference of more than five.`,
            'Set the clock: other programs do not correct it as this one does.',
          ),
        ]),
  ];
}

/** What stands for a session that could not be opened. */
export function noSession(error: unknown, region: string, profile = process.env.AWS_PROFILE): Finding {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const where = profile ? ` (AWS_PROFILE is "${profile}")` : '';
  if (/expired/i.test(name) || (name.includes('CredentialsProvider') && /expired/i.test(message))) {
    return problem(`The AWS credentials have expired${where}. ${notLooked}`, logIn);
  }
  if (name === 'CredentialsProviderError') return problem(`There are no AWS credentials${where}. ${notLooked}`, logIn);
  if (name === 'InvalidClientTokenId' || name === 'UnrecognizedClientException') {
    return problem(
      `AWS does not know the credentials${where} in ${region}. ${notLooked}`,
      `${logIn} If they are right, the account has not enabled the Region ${region}.`,
    );
  }
  if (name === 'SignatureDoesNotMatch' || name === 'InvalidSignatureException') {
    return problem(
      `AWS does not accept the secret access key${where}, or the clock of this machine is wrong. ${notLooked}`,
      logIn,
    );
  }
  return problem(`${describeError(error)} ${notLooked}`, 'Mend this first.');
}
