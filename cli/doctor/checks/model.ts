import { verifyKey } from '../../verify-key/verify-key.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { keyInSecret } from '../key-in-secret.ts';
import type { Visit } from '../visit.ts';

const { ok, warning, problem } = findingsOf('model');

/** Whether the model provider is reached and takes the key of the secret. */
export async function modelCheck({ environment, session }: Visit): Promise<Finding> {
  const key = await keyInSecret(session.config, environment);
  if (key === undefined) {
    return warning(
      `The provider was not asked: there is no key in ${environment.secret} that could be read.`,
      'Mend the secret first.',
    );
  }
  const { verdict, found, remedy } = await verifyKey(environment.model, key);
  if (verdict === 'accepted') return ok(found);
  // A machine that does not reach the provider says little of the agent, which runs elsewhere.
  return verdict === 'untold' ? warning(found, remedy) : problem(found, remedy);
}
