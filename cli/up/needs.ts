import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { AwsClientConfig } from '../aws.ts';
import type { Finding } from '../doctor/examine.ts';

/** What `up` can make where it is missing. */
export type Makeable = 'secret' | 'bootstrap';

/** What stands before a deployment. */
export interface Needs {
  /** What is missing and can be made, in the order in which it is made. */
  readonly missing: readonly Makeable[];
  /** Problems that only a person can mend. */
  readonly inTheWay: readonly Finding[];
}

/**
 * Parts the problems that were found into those that `up` mends and those that it cannot.
 *
 * @param isMissing whether that is what is wrong: a secret may also hold a placeholder, or be on its way to deletion
 */
export function needsOf(findings: readonly Finding[], isMissing: Readonly<Record<Makeable, boolean>>): Needs {
  const missing = (['secret', 'bootstrap'] as const).filter((each) => isMissing[each]);
  const inTheWay: Finding[] = [];
  const mended = new Set<string>(missing);
  for (const finding of findings) {
    if (finding.verdict !== 'problem') continue;
    // One finding goes with what is made; another of the same check, such as a tool's secret, stays.
    if (!mended.delete(finding.check)) inTheWay.push(finding);
  }
  return { missing, inTheWay };
}

/** Whether there is no such secret. One that is scheduled for deletion is there. */
export async function isSecretMissing(client: AwsClientConfig, SecretId: string): Promise<boolean> {
  const secretsManager = new SecretsManagerClient(client);
  try {
    await secretsManager.send(new DescribeSecretCommand({ SecretId }));
    return false;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === 'ResourceNotFoundException') return true;
    // The deployment reads it with a role of its own: whoever may not look may deploy all the same.
    if (error.name === 'AccessDeniedException') return false;
    throw error;
  } finally {
    secretsManager.destroy();
  }
}

/** Whether there is no bootstrap of this qualifier in the Region. One that is too old may serve others: it is not ours to change. */
export async function isBootstrapMissing(client: AwsClientConfig, qualifier: string): Promise<boolean> {
  const ssm = new SSMClient(client);
  try {
    await ssm.send(new GetParameterCommand({ Name: `/cdk-bootstrap/${qualifier}/version` }));
    return false;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === 'ParameterNotFound') return true;
    if (error.name === 'AccessDeniedException') return false;
    throw error;
  } finally {
    ssm.destroy();
  }
}
