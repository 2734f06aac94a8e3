import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager';
import type { Environment } from '../../lib/environments/index.ts';
import { UserError } from '../user-error.ts';

/** What became of a key. */
export interface StoredKey {
  /** Whether the secret is new. */
  readonly created: boolean;
  readonly arn: string;
  readonly versionId: string;
  /** Names of the other fields of the secret's JSON object, which are as they were. */
  readonly kept: readonly string[];
}

type Settings = Pick<Environment, 'name' | 'secret' | 'secretJsonKey' | 'encryptionKeyArn' | 'tags'>;

/**
 * Stores a key as a new version of the secret that an environment names, and makes the secret if there is none.
 *
 * @throws UserError where the secret cannot be made, or would lose something; the SDK's errors as they are
 */
export async function storeKey(
  config: SecretsManagerClientConfig,
  environment: Settings,
  key: string,
): Promise<StoredKey> {
  const secretsManager = new SecretsManagerClient(config);
  try {
    const current = await currentValue(secretsManager, environment);
    if (current === 'no secret') return await create(secretsManager, environment, key);
    const fields = otherFields(current, environment);
    const { ARN = '', VersionId = '' } = await secretsManager.send(
      new PutSecretValueCommand({
        SecretId: environment.secret,
        SecretString: secretString(environment, key, fields),
        ClientRequestToken: randomUUID(),
      }),
    );
    return { created: false, arn: ARN, versionId: VersionId, kept: Object.keys(fields) };
  } finally {
    secretsManager.destroy();
  }
}

/** @returns undefined for a secret that holds no text now */
async function currentValue(
  secretsManager: SecretsManagerClient,
  { secret }: Settings,
): Promise<string | undefined | 'no secret'> {
  try {
    return (await secretsManager.send(new GetSecretValueCommand({ SecretId: secret }))).SecretString;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === 'ResourceNotFoundException') {
      // Of a secret without any value AWS says that a version of it is missing.
      return /staging label|version/i.test(error.message) ? undefined : 'no secret';
    }
    if (error.name === 'InvalidRequestException' && /marked.*delet|scheduled.*delet/i.test(error.message)) {
      throw new UserError(
        `The secret ${secret} is scheduled for deletion: get it back with aws secretsmanager restore-secret --secret-id ${secret}.`,
      );
    }
    if (error.name === 'AccessDeniedException') {
      throw new UserError(
        `You may not read the secret ${secret}, so what else it holds could be lost: nothing was stored. AWS says: ${error.message}`,
      );
    }
    throw error;
  }
}

async function create(secretsManager: SecretsManagerClient, environment: Settings, key: string): Promise<StoredKey> {
  const { name, secret, encryptionKeyArn, tags } = environment;
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  if (secret.startsWith('arn:')) {
    throw new UserError(
      `There is no secret ${secret}: the environment ${name} names it by its ARN, which only AWS gives. Name it in cdk.json by a name.`,
    );
  }
  const { ARN = '', VersionId = '' } = await secretsManager.send(
    new CreateSecretCommand({
      Name: secret,
      Description: `API key of the model provider for the environment ${name}.`,
      SecretString: secretString(environment, key, {}),
      ...(encryptionKeyArn && { KmsKeyId: encryptionKeyArn }),
      ...(Tags.length > 0 && { Tags }),
      ClientRequestToken: randomUUID(),
    }),
  );
  return { created: true, arn: ARN, versionId: VersionId, kept: [] };
}

/** What stands beside the key in the secret. What is no JSON object is the key itself, and makes room. */
function otherFields(current: string | undefined, { secretJsonKey }: Settings): Record<string, unknown> {
  if (secretJsonKey === undefined || current === undefined) return {};
  const { [secretJsonKey]: _former, ...fields } = jsonObject(current);
  return fields;
}

function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

function secretString({ secretJsonKey }: Settings, key: string, fields: Readonly<Record<string, unknown>>): string {
  return secretJsonKey === undefined ? key : JSON.stringify({ ...fields, [secretJsonKey]: key });
}
