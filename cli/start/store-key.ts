import {
  CreateSecretCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager';
import type { Environment } from '../../lib/environments.ts';

/** Puts the key into the secret that the environment names, as a person does before the first deployment. */
export async function storeKey(
  client: SecretsManagerClientConfig,
  environment: Environment,
  key: string,
): Promise<void> {
  const { secretJsonKey } = environment;
  const secretsManager = new SecretsManagerClient(client);
  await secretsManager.send(
    new CreateSecretCommand({
      Name: environment.secret,
      SecretString: secretJsonKey === undefined ? key : JSON.stringify({ [secretJsonKey]: key }),
    }),
  );
  secretsManager.destroy();
}
