import { createHash } from 'node:crypto';
import { type ResourceEnvironment, Stack, Token } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { SettingsError } from '../settings-error.ts';
import type { CredentialProviderProperties } from './resource-properties.ts';
import { looksLikeApiKey, problemOfSecretId } from './secret-id.ts';

export interface CredentialSourceOptions {
  /**
   * Key of the secret's JSON object under which the API key stands.
   *
   * @default 'apiKey' for a reference; for a copy, the whole secret is the key
   */
  readonly jsonKey?: string | undefined;
  /**
   * ARN of the customer managed KMS key that the secret is encrypted with.
   *
   * @default the `encryptionKey` of the secret, where it is a construct that knows it; otherwise AWS's own key
   */
  readonly encryptionKeyArn?: string | undefined;
}

/** Where a credential provider has its API key from. */
export class CredentialSource {
  readonly secretSource: CredentialProviderProperties['SecretSource'];
  /** Name or ARN. */
  readonly secretId: string;
  /** Name, where the secret is a construct that knows it. */
  readonly secretName: string | undefined;
  /** Whether {@link secretId} is known to be a complete ARN: a string cannot tell. */
  readonly isCompleteArn: boolean;
  readonly jsonKey: string | undefined;
  readonly encryptionKeyArn: string | undefined;
  /** Account and Region of the secret, where it is a construct. */
  readonly secretEnvironment: ResourceEnvironment | undefined;

  /**
   * The provider refers to the secret (`EXTERNAL`): the key passes through no Lambda function, and is read anew by
   * AgentCore. The secret must be a JSON object.
   *
   * @param secret a construct, or the name, complete or partial ARN of a secret that exists in the same Region; one of
   * another account by its complete ARN. An ARN that is known only at the deployment (`Fn.importValue`, a parameter) would
   * be taken for a name: wrap it in `Secret.fromSecretCompleteArn`.
   * @throws SettingsError for a text that names no secret, and a `jsonKey` that is empty or looks like a key
   */
  static reference(secret: ISecret | string, options: CredentialSourceOptions = {}): CredentialSource {
    return new CredentialSource('EXTERNAL', secret, { ...options, jsonKey: options.jsonKey ?? 'apiKey' });
  }

  /**
   * AgentCore keeps a copy of the key (`MANAGED`), which is made anew whenever the secret changes: for secrets that are
   * a plain string.
   *
   * @param secret as for {@link reference}
   */
  static copy(secret: ISecret | string, options: CredentialSourceOptions = {}): CredentialSource {
    return new CredentialSource('MANAGED', secret, options);
  }

  private constructor(
    secretSource: CredentialProviderProperties['SecretSource'],
    secret: ISecret | string,
    { jsonKey, encryptionKeyArn }: CredentialSourceOptions,
  ) {
    this.secretSource = secretSource;
    if (jsonKey === '') throw new SettingsError('jsonKey: "" must not be empty: leave it out for the default.');
    if (jsonKey !== undefined && looksLikeApiKey(jsonKey)) {
      throw new SettingsError('jsonKey: looks like an API key: give the name that it has in the JSON object.');
    }
    this.jsonKey = jsonKey;
    if (typeof secret === 'string') {
      this.secretId = secret;
      this.secretName = undefined;
      this.isCompleteArn = false;
      this.encryptionKeyArn = encryptionKeyArn;
      this.secretEnvironment = undefined;
      refuseWrongId(this.secretId);
      return;
    }
    const { secretFullArn, secretArn, secretName } = secret;
    // A partial ARN that CDK made of a name says no more than the name, in words that nobody recognizes.
    this.secretId = secretFullArn ?? (Token.isUnresolved(secretArn) ? secretName : secretArn);
    this.secretName = secretName;
    this.isCompleteArn = secretFullArn !== undefined;
    this.encryptionKeyArn = encryptionKeyArn ?? secret.encryptionKey?.keyArn;
    this.secretEnvironment = secret.env;
    refuseWrongId(this.secretId);
  }

  /**
   * Six letters and digits for the name of a provider, other ones for another source: a provider that is replaced keeps
   * its source until the agent has moved, and one that is changed in place does not.
   */
  suffix(scope: IConstruct): string {
    const { secretSource, secretId, jsonKey } = this;
    return suffixOf(Stack.of(scope).resolve({ secretSource, secretId, jsonKey }));
  }

  /** In words that change when the source does, and that IAM takes as the description of a role. */
  get description(): string {
    const what = this.jsonKey === undefined ? 'whole secret' : `key ${inLatin(this.jsonKey)} of secret`;
    return `${this.secretSource === 'MANAGED' ? 'copy of the ' : ''}${what} ${this.secretId}`;
  }
}

/** The suffix of a source without tokens, outside of any stack. */
export function suffixOf({
  secretSource,
  secretId,
  jsonKey,
}: Pick<CredentialSource, 'secretSource' | 'secretId' | 'jsonKey'>): string {
  const source = JSON.stringify([secretSource, secretId, jsonKey ?? null]);
  return createHash('sha256').update(source).digest('hex').slice(0, 6);
}

function refuseWrongId(secretId: string): void {
  const problem = problemOfSecretId(secretId);
  if (problem === undefined) return;
  // What has other characters than an id with a wildcard may be a key, or the value of the secret.
  const mayBeShown = /^[\w/+=.@:*?-]{1,100}$/.test(secretId) && !/\bsk-/.test(secretId);
  throw new SettingsError(`CredentialSource: the secret ${mayBeShown ? `"${secretId}"` : '(not shown)'} ${problem}.`);
}

/** A description has printable Latin-1 characters only, a thousand at most. */
function inLatin(text: string): string {
  const escaped = text.replace(/[^\x20-\x7e\xa1-\xff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  if (escaped.length <= 128) return escaped;
  return `${escaped.slice(0, 100)}… ${createHash('sha256').update(text).digest('hex').slice(0, 8)}`.replace('…', '...');
}
