import type { Environment } from '../../lib/environments.ts';
import type { AwsClientConfig } from '../aws.ts';
import { accountCheck } from './checks/account.ts';
import { credentialsCheck, noSession } from './checks/credentials.ts';
import { nodeCheck } from './checks/node.ts';
import { noSuchRegion, regionCheck } from './checks/region.ts';
import { versionsCheck } from './checks/versions.ts';
import type { Finding } from './finding.ts';
import { ambientRegion, openSession, type Session } from './session.ts';

export type { Finding } from './finding.ts';

/** What is looked at. */
export interface Subject {
  readonly environment: Environment;
  readonly client: AwsClientConfig;
  /** Whether the model provider is asked, with the key. */
  readonly verify: boolean;
}

/**
 * Looks at everything that a deployment of the environment and its agent need. It changes nothing. What cannot be looked
 * at, since something before it is wrong, is left out.
 */
export async function* examine({ environment, client }: Subject): AsyncGenerator<Finding> {
  yield nodeCheck();
  yield await versionsCheck();
  const ambient = await ambientRegion(client);
  const region = environment.region ?? ambient;
  const ofRegion = regionCheck(environment, ambient);
  const session = region === undefined ? ofRegion : await sessionIn(client, region);
  if ('verdict' in session) {
    yield session;
    return;
  }
  yield* credentialsCheck(session);
  const ofAccount = accountCheck(environment, session.account);
  yield ofAccount;
  yield ofRegion;
  if (ofAccount.verdict === 'problem') return;
}

async function sessionIn(client: AwsClientConfig, region: string): Promise<Session | Finding> {
  try {
    return await openSession(client, region);
  } catch (error) {
    const { code, hostname } = error as { code?: string; hostname?: string };
    if ((code === 'ENOTFOUND' || code === 'EAI_AGAIN') && hostname) return noSuchRegion(region, hostname);
    return noSession(error, region);
  }
}
