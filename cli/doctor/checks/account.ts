import type { Environment } from '../../../lib/environments/index.ts';
import { type Finding, findingsOf } from '../finding.ts';

const { ok, problem } = findingsOf('account');

/** Whether the credentials are of the account that the environment lives in. */
export function accountCheck({ name, account: wanted }: Environment, account: string): Finding {
  if (wanted === undefined)
    return ok(`${account}: the environment ${name} names none, so it is that of the credentials.`);
  if (account === wanted) return ok(`${account}, as the environment ${name} says.`);
  return problem(
    `The credentials are of the account ${account}, and the environment ${name} is of ${wanted}. What is in the account was not looked at.`,
    `Log in to ${wanted} (AWS_PROFILE, aws sso login, …), or change "account" of the environment.`,
  );
}
