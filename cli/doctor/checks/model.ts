import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { keyIn } from '../../../lib/credential-provider/handler/secret-value.ts';
import { type Verification, verifyKey } from '../../verify-key/verify-key.ts';
import { type Finding, findingsOf } from '../finding.ts';
import type { Visit } from '../visit.ts';

const { ok, warning, problem } = findingsOf('model');

/** Whether the model provider is reached and takes the key of the secret. */
export async function modelCheck({ environment, session }: Visit): Promise<Finding> {
  const secretsManager = new SecretsManagerClient(session.config);
  try {
    const { SecretString } = await secretsManager.send(new GetSecretValueCommand({ SecretId: environment.secret }));
    const held = keyIn(SecretString, environment.secretJsonKey);
    if ('problem' in held) return noKey(environment.secret);
    return findingOf(await verifyKey(environment.model, held.key));
  } catch (error) {
    // The check of the secret says why.
    if (error instanceof Error && '$fault' in error) return noKey(environment.secret);
    throw error;
  } finally {
    secretsManager.destroy();
  }
}

function noKey(secret: string): Finding {
  return warning(
    `The provider was not asked: there is no key in ${secret} that could be read.`,
    'Mend the secret first.',
  );
}

function findingOf({ verdict, found, remedy }: Verification): Finding {
  if (verdict === 'accepted') return ok(found);
  // A machine that does not reach the provider says little of the agent, which runs elsewhere.
  return verdict === 'untold' ? warning(found, remedy) : problem(found, remedy);
}
