import { type Finding, findingsOf } from '../finding.ts';
import { isDenied } from '../look.ts';
import type { Visit } from '../visit.ts';

const { ok, problem } = findingsOf('agentcore');

/** Whether the Region has AgentCore. A service that denies the call is there. */
export async function agentcoreCheck({ session, providers }: Visit): Promise<Finding> {
  const { region } = session;
  try {
    await providers();
  } catch (error) {
    const { code, hostname } = error as { code?: string; hostname?: string };
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
      return problem(
        `${region} has no AgentCore: ${hostname} has no address.`,
        'Choose another "region" for the environment.',
      );
    }
    if (!isDenied(error)) throw error;
  }
  return ok(`It answers in ${region}.`);
}
