/** What AgentCore says of a credential provider. */
export interface CredentialProvider {
  readonly arn: string;
  readonly secretArn: string | undefined;
  readonly source: string | undefined;
}

/** What a provider is to be: a reference to one JSON key of one secret. */
export interface Wanted {
  readonly name: string;
  readonly secretArn: string;
  readonly jsonKey: string;
}

/** What Secrets Manager says of a secret. */
export interface SecretDescription {
  readonly arn: string;
  readonly deletedDate: Date | undefined;
}

/** Every call to AWS that the handler makes, behind one object that tests replace. */
export interface Calls {
  /**
   * Undefined when the secret does not exist. AWS says "access denied" of a missing secret too, to a role that may see
   * only certain ones: there is no ARN that its policy could allow.
   */
  describeSecret(secretId: string): Promise<SecretDescription | 'access denied' | undefined>;
  /** The current value as text; undefined when the secret has none, or a binary one. */
  readSecret(secretArn: string): Promise<string | undefined>;
  /** Undefined when there is no provider of this name. */
  getProvider(name: string): Promise<CredentialProvider | undefined>;
  createProvider(wanted: Wanted, tags: Record<string, string>): Promise<{ arn: string }>;
  updateProvider(wanted: Wanted): Promise<void>;
  /** Succeeds also when the provider is gone already. */
  deleteProvider(name: string): Promise<void>;
  tagsOf(arn: string): Promise<Record<string, string>>;
}
