import type { Environment } from '../../lib/environments/index.ts';
import type { AwsClientConfig } from '../aws.ts';
import { accountCheck } from './checks/account.ts';
import { agentcoreCheck } from './checks/agentcore.ts';
import { artifactCheck } from './checks/artifact.ts';
import { bootstrapCheck } from './checks/bootstrap.ts';
import { callersCheck } from './checks/callers.ts';
import { credentialsCheck, noSession } from './checks/credentials.ts';
import { modelCheck } from './checks/model.ts';
import { networkCheck } from './checks/network.ts';
import { nodeCheck } from './checks/node.ts';
import { providerNameCheck } from './checks/provider-name.ts';
import { providerQuotaCheck } from './checks/provider-quota.ts';
import { noSuchRegion, regionCheck } from './checks/region.ts';
import { runtimeNameCheck } from './checks/runtime-name.ts';
import { secretCheck } from './checks/secret.ts';
import { versionsCheck } from './checks/versions.ts';
import { weatherCheck } from './checks/weather.ts';
import type { Finding } from './finding.ts';
import { look } from './look.ts';
import { ambientRegion, openSession, type Session } from './session.ts';
import { type Visit, visit } from './visit.ts';

export type { Finding } from './finding.ts';

/** What is looked at. */
export interface Subject {
  readonly environment: Environment;
  readonly client: AwsClientConfig;
  /** Whether those who take the keys are asked: the model provider, and the service of a tool. */
  readonly verify: boolean;
}

/**
 * Looks at everything that a deployment of the environment and its agent need, and changes nothing. What cannot be looked
 * at, since something before it is wrong, is left out.
 */
export async function* examine({ environment, client, verify }: Subject): AsyncGenerator<Finding> {
  yield nodeCheck();
  const artifact = look('artifact', '', () => artifactCheck(environment));
  yield* await look('versions', '', () => versionsCheck());
  const ambient = await ambientRegion(client);
  const region = environment.region ?? ambient;
  const ofRegion = regionCheck(environment, ambient);
  const session = region === undefined ? ofRegion : await sessionIn(client, region);
  if ('verdict' in session) {
    yield session;
    yield* await artifact;
    return;
  }
  yield* credentialsCheck(session);
  const ofAccount = accountCheck(environment, session.account);
  yield ofAccount;
  yield ofRegion;
  if (ofAccount.verdict === 'problem') {
    yield* await artifact;
    return;
  }
  const here = visit(environment, session);
  const { bootstrap, agentcore, secret, ofAgentCore, callers, network } = inAccount(here);
  yield* await bootstrap;
  const ofRegionsAgentCore = await agentcore;
  yield* ofRegionsAgentCore;
  yield* await artifact;
  yield* await secret;
  if (ofRegionsAgentCore.every(({ verdict }) => verdict !== 'problem')) {
    for (const findings of ofAgentCore) yield* await findings;
  }
  yield* await callers;
  yield* await network;
  if (!verify) return;
  const asked = [look('model', '', () => modelCheck(here)), look('weather', '', () => weatherCheck(here))];
  for (const findings of asked) yield* await findings;
}

/** The checks that ask for what is in the account, all at once. */
function inAccount(here: Visit) {
  const { secret, weather } = here.environment;
  const secrets = [secret, weather?.secret].filter((each) => each !== undefined).join(', ');
  return {
    bootstrap: look('bootstrap', 'ssm:GetParameter on the parameter of the bootstrap', () => bootstrapCheck(here)),
    agentcore: look('agentcore', 'bedrock-agentcore:ListApiKeyCredentialProviders', () => agentcoreCheck(here)),
    secret: look('secret', `secretsmanager:DescribeSecret on ${secrets}`, () => secretCheck(here)),
    ofAgentCore: [
      look('provider-quota', 'bedrock-agentcore:ListApiKeyCredentialProviders', () => providerQuotaCheck(here)),
      look(
        'provider-name',
        'bedrock-agentcore:GetApiKeyCredentialProvider and ListTagsForResource, and cloudformation:DescribeStacks',
        () => providerNameCheck(here),
      ),
      look('runtime-name', 'bedrock-agentcore:ListAgentRuntimes and cloudformation:ListStackResources', () =>
        runtimeNameCheck(here),
      ),
    ],
    callers: look('callers', 'cloudformation:DescribeStacks', () => callersCheck(here)),
    network: look('network', 'ec2:DescribeSubnets, DescribeSecurityGroups and DescribeRouteTables', () =>
      networkCheck(here),
    ),
  };
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
