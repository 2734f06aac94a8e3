import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { bootstrapArguments } from '../../up/bootstrap.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { isDenied } from '../look.ts';
import type { Visit } from '../visit.ts';

const { ok, problem } = findingsOf('bootstrap');

/** The version that the stacks ask for: `requiresBootstrapStackVersion` in the manifest of the synth. */
export const neededVersion = 6;

/** Whether `cdk bootstrap` has been here, lately enough, and lets the caller deploy. */
export async function bootstrapCheck({ session, qualifier, arns }: Visit): Promise<Finding[]> {
  const { account, region, config } = session;
  const place = `${account}, ${region}`;
  const command = `npx cdk ${bootstrapArguments({ account, region, qualifier }).join(' ')}`;
  const parameter = `/cdk-bootstrap/${qualifier}/version`;
  const version = await parameterValue(config, parameter);
  if (version === undefined)
    return [problem(`There is none in ${place} (no parameter ${parameter}).`, `Run ${command}`)];
  if (Number(version) < neededVersion) {
    return [problem(`Version ${version} in ${place} is too old: the stacks need ${neededVersion}.`, `Run ${command}`)];
  }
  const role = arns.bootstrapRole('deploy');
  if (await mayAssume(config, role)) return [ok(`Version ${version} in ${place}; you may deploy by it.`)];
  return [
    problem(
      `Version ${version} in ${place}, but you may not take its role ${role}.`,
      `Allow sts:AssumeRole on it (npm run policies -- deployer), and see that its trust policy does.`,
    ),
  ];
}

async function parameterValue(config: Visit['session']['config'], Name: string): Promise<string | undefined> {
  const ssm = new SSMClient(config);
  try {
    return (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') return undefined;
    throw error;
  } finally {
    ssm.destroy();
  }
}

/** The only way to know is to do it; the credentials that come of it are thrown away. */
async function mayAssume(config: Visit['session']['config'], RoleArn: string): Promise<boolean> {
  const sts = new STSClient(config);
  try {
    await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'outbound-auth-doctor', DurationSeconds: 900 }));
    return true;
  } catch (error) {
    if (isDenied(error)) return false;
    throw error;
  } finally {
    sts.destroy();
  }
}
