import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { keyIn } from '../../lib/credential-provider/handler/secret-value.ts';
import type { CredentialSettings } from '../../lib/environments/index.ts';
import type { SessionConfig } from './session.ts';

/** @returns the key; undefined where there is none that can be read, of which the check of the secret says why */
export async function keyInSecret(
  config: SessionConfig,
  { secret, secretJsonKey }: Pick<CredentialSettings, 'secret' | 'secretJsonKey'>,
): Promise<string | undefined> {
  const secretsManager = new SecretsManagerClient(config);
  try {
    const { SecretString } = await secretsManager.send(new GetSecretValueCommand({ SecretId: secret }));
    const held = keyIn(SecretString, secretJsonKey);
    return 'key' in held ? held.key : undefined;
  } catch (error) {
    if (error instanceof Error && '$fault' in error) return undefined;
    throw error;
  } finally {
    secretsManager.destroy();
  }
}
