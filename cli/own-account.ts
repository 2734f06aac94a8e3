import type { Environment } from '../lib/environments/index.ts';
import type { AwsClientConfig } from './aws.ts';
import { ownIdentity } from './own-identity.ts';
import { UserError } from './user-error.ts';

/**
 * Sees that whoever runs a command is in the account of the environment, before anything is looked at or changed there.
 *
 * @returns who that is; an environment without an account lives in whatever account this is
 * @throws UserError where the credentials are of another account than the environment's
 */
export async function refuseOtherAccount(
  environment: Pick<Environment, 'name' | 'account'>,
  client: AwsClientConfig,
): ReturnType<typeof ownIdentity> {
  const caller = await ownIdentity(client);
  if (environment.account && environment.account !== caller.account) {
    throw new UserError(
      `The credentials are of the account ${caller.account}, and the environment ${environment.name} lives in ${environment.account}: log in there (aws sso login, AWS_PROFILE, …).`,
    );
  }
  return caller;
}
