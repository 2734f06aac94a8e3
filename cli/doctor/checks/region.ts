import type { Environment } from '../../../lib/environments/index.ts';
import { type Finding, findingsOf } from '../finding.ts';

const { ok, warning, problem } = findingsOf('region');

/**
 * Which Region is looked at.
 *
 * @param ambient Region that AWS clients on this machine use by themselves
 */
export function regionCheck({ name, region }: Environment, ambient: string | undefined): Finding {
  if (region === undefined) {
    if (ambient === undefined) {
      return problem(
        `There is none: neither the environment ${name} nor this machine names one. What is in the account was not looked at.`,
        'Set "region" of the environment, or AWS_REGION.',
      );
    }
    return ok(`${ambient}: the environment ${name} names none, so it is that of this machine.`);
  }
  if (ambient === undefined || ambient === region) return ok(`${region}, as the environment ${name} says.`);
  return warning(
    `The environment ${name} is in ${region}, and AWS clients on this machine use ${ambient}.`,
    `Nothing for the commands of this project, which follow the environment; give aws --region ${region}.`,
  );
}

/** What stands for a Region that has no AWS. */
export function noSuchRegion(region: string, host: string): Finding {
  return problem(
    `${host} has no address: there is no Region ${region}, or no way from this machine to AWS. What is in the account was not looked at.`,
    'Check "region" of the environment or AWS_REGION, and the network.',
  );
}
