import { DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { commandsFor } from '../../../lib/credential-provider/handler/check-secret.ts';
import { keyIn, sayJsonKey } from '../../../lib/credential-provider/handler/secret-value.ts';
import { locationOf } from '../../../lib/credential-provider/secret-id.ts';
import { type CredentialOfAgent, credentialSource, credentialsOf } from '../../../lib/outbound-credentials.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { isDenied } from '../look.ts';
import type { Visit } from '../visit.ts';

const { ok, warning, problem } = findingsOf('secret');

/** Whether each key of the environment's agent is where it is to be. Nothing of a value is in what is found. */
export async function secretCheck(visit: Visit): Promise<Finding[]> {
  const secretsManager = new SecretsManagerClient(visit.session.config);
  try {
    const credentials = credentialsOf(visit.environment);
    return (await Promise.all(credentials.map((each) => lookAt(visit, secretsManager, each)))).flat();
  } finally {
    secretsManager.destroy();
  }
}

async function lookAt(
  visit: Visit,
  secretsManager: SecretsManagerClient,
  credential: CredentialOfAgent,
): Promise<Finding[]> {
  const { secret, secretJsonKey } = credential;
  const { region } = visit.session;
  const store = storing(visit, credential);
  const there = locationOf(secret)?.region;
  if (there !== undefined && there !== region) {
    return [
      problem(
        `${secret} is in ${there}, and a credential provider needs one in its own Region, ${region}.`,
        `Replicate it: aws secretsmanager replicate-secret-to-regions --region ${there} --secret-id ${secret} --add-replica-regions Region=${region}`,
      ),
    ];
  }
  const described = await describe(secretsManager, secret);
  if (!described) return [problem(`${secret} does not exist.`, store.create)];
  if (described.DeletedDate) {
    return [
      problem(
        `${secret} is scheduled for deletion.`,
        `Get it back: aws secretsmanager restore-secret --secret-id ${secret}`,
      ),
    ];
  }
  const ofKey = keyFindings(credential, described.KmsKeyId);
  const value = await read(secretsManager, secret);
  if (value === 'denied') {
    const found = `${secret} is there, but you may not read it: what it holds was not looked at.`;
    return [...ofKey, warning(found, 'Nothing, if that is meant: the deployment reads it with a role of its own.')];
  }
  if (value === 'undecryptable') {
    const found = `${secret} cannot be decrypted: its KMS key ${described.KmsKeyId ?? ''} is disabled, deleted, or not allowed to you.`;
    return [...ofKey, problem(found, 'Enable the key, and allow kms:Decrypt on it.')];
  }
  const held = keyIn(value.text, secretJsonKey);
  if ('problem' in held) {
    const subject = held.subject === 'secret' ? secret : `The JSON key "${secretJsonKey}" of ${secret}`;
    const setting = `${credential.setting}secretJsonKey`;
    const remedy =
      held.remedy === sayJsonKey ? `Say under which of its keys the API key stands: "${setting}".` : store.put;
    return [...ofKey, problem(`${subject} ${held.problem}.`, remedy)];
  }
  const where = secretJsonKey === undefined ? '' : ` under "${secretJsonKey}"`;
  return [...ofKey, ok(`${secret} holds what looks like a key${where}.`)];
}

/** What CloudFormation and the agent may decrypt follows the settings. */
function keyFindings({ secret, encryptionKeyArn, setting }: CredentialOfAgent, keyId: string | undefined): Finding[] {
  const name = `"${setting}encryptionKeyArn"`;
  const isOfAws = keyId === undefined || keyId.endsWith('alias/aws/secretsmanager');
  if (isOfAws) {
    return encryptionKeyArn === undefined
      ? []
      : [warning(`${secret} is encrypted with AWS's own key, and ${name} names another.`, `Leave out ${name}.`)];
  }
  if (encryptionKeyArn === undefined) {
    return [
      problem(
        `${secret} is encrypted with the KMS key ${keyId}, which the agent may not use.`,
        `Set ${name} to the ARN of the key.`,
      ),
    ];
  }
  if (keyId.includes('alias/')) {
    return [
      warning(
        `${secret} is encrypted with ${keyId}: whether it is the key of ${name} cannot be told.`,
        'Compare them.',
      ),
    ];
  }
  if (keyId.split('/').at(-1) === encryptionKeyArn.split('/').at(-1)) return [];
  return [
    problem(
      `${secret} is encrypted with the KMS key ${keyId}, and ${name} names another.`,
      `Set ${name} to the ARN of that key.`,
    ),
  ];
}

/** By which command a key is stored: ours, or for another key than the model's and for an ARN, that of AWS. */
function storing({ environment }: Visit, credential: CredentialOfAgent): { create: string; put: string } {
  const { secretId, jsonKey } = credentialSource(credential);
  const { create, put } = commandsFor({ secretId, jsonKey });
  const ours = `Store the key: npm run set-key -- --environment ${environment.name}`;
  if (credential.setting !== '') return { create: `Create it: ${create}`, put: `Store the real key: ${put}` };
  return { create: secretId.startsWith('arn:') ? `Create it: ${create}` : ours, put: ours };
}

async function describe(secretsManager: SecretsManagerClient, SecretId: string) {
  try {
    return await secretsManager.send(new DescribeSecretCommand({ SecretId }));
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

async function read(
  secretsManager: SecretsManagerClient,
  SecretId: string,
): Promise<{ readonly text: string | undefined } | 'denied' | 'undecryptable'> {
  try {
    return { text: (await secretsManager.send(new GetSecretValueCommand({ SecretId }))).SecretString };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // Of a secret without any value AWS says that a version of it is missing.
    if (error.name === 'ResourceNotFoundException') return { text: undefined };
    if (error.name === 'DecryptionFailure' || /\bKMS\b/.test(error.message)) return 'undecryptable';
    if (isDenied(error)) return 'denied';
    throw error;
  }
}
