import { credentialsOf, deployedProviderName } from '../../../lib/outbound-credentials.ts';
import { type Finding, findingsOf } from '../finding.ts';
import type { Visit } from '../visit.ts';

const { ok, warning, problem } = findingsOf('provider-quota');

/** API key credential providers that AWS allows in an account and Region unless it was asked for more. */
const quota = 50;

/** Whether there is room for the credential providers of the environment that are not there yet. */
export async function providerQuotaCheck({ environment, session, providers }: Visit): Promise<Finding> {
  const listed = await providers();
  const names = new Set(listed.map(({ name }) => name));
  const missing = credentialsOf(environment).filter((each) => !names.has(deployedProviderName(environment, each)));
  const used = `${listed.length} of ${quota} API key credential providers in ${session.account}, ${session.region}`;
  const remedy = 'Delete those that nobody uses, or ask for a higher quota (Service Quotas, Bedrock AgentCore).';
  // More than the quota means that it was raised.
  if (listed.length > quota)
    return ok(`${listed.length} API key credential providers: the quota of ${quota} was raised.`);
  if (listed.length + missing.length > quota) {
    return problem(`${used}: there is no room for ${missing.length} more.`, remedy);
  }
  // A replacement makes the new one before the old one goes.
  if (listed.length === quota) return warning(`${used}: no provider of this environment could be replaced.`, remedy);
  return ok(`${used}.`);
}
