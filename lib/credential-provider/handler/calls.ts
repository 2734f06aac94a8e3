/** What AgentCore says of a credential provider; never the key. */
export interface CredentialProvider {
  readonly arn: string;
  readonly source: string | undefined;
  /** The secret that AgentCore reads: somebody's own (EXTERNAL), or the one that the service keeps (MANAGED). */
  readonly secretArn: string | undefined;
  readonly jsonKey: string | undefined;
}

/** Where a provider is to have its key from. A MANAGED one is handed the key itself: this object is never logged. */
export type KeySource =
  | { readonly source: 'EXTERNAL'; readonly secretArn: string; readonly jsonKey: string }
  | { readonly source: 'MANAGED'; readonly apiKey: string };

/** What Secrets Manager says of a secret. */
export interface SecretDescription {
  readonly arn: string;
  readonly deletedDate: Date | undefined;
  /** Id of the version that is AWSCURRENT. */
  readonly currentVersion: string | undefined;
}

/** The current value of a secret. */
export interface SecretValue {
  /** Undefined when it is a binary one. */
  readonly text: string | undefined;
  readonly version: string | undefined;
}

/** One page of the providers of the account and Region. */
export interface ProviderPage {
  readonly providers: readonly { readonly name: string; readonly arn: string }[];
  readonly nextToken: string | undefined;
}

/** Every call to AWS that the handler makes, behind one object that tests replace. Errors are the AWS SDK's own. */
export interface Calls {
  /** Undefined when the stack does not exist. */
  stackStatus(stackId: string): Promise<string | undefined>;
  /** Undefined when the secret does not exist. */
  describeSecret(secretId: string): Promise<SecretDescription | undefined>;
  /** Undefined when the secret has no value. */
  readSecret(secretArn: string): Promise<SecretValue | undefined>;
  /** Undefined when there is no provider of this name. */
  getProvider(name: string): Promise<CredentialProvider | undefined>;
  createProvider(name: string, key: KeySource, tags: Record<string, string>): Promise<void>;
  /** @throws ResourceNotFoundException when there is no provider of this name */
  updateProvider(name: string, key: KeySource): Promise<void>;
  /** Succeeds also when the provider is gone already. */
  deleteProvider(name: string): Promise<void>;
  listProviders(nextToken: string | undefined): Promise<ProviderPage>;
  /** @throws ResourceNotFoundException when there is nothing of this ARN, as the other two */
  tagsOf(arn: string): Promise<Record<string, string>>;
  tag(arn: string, tags: Record<string, string>): Promise<void>;
  untag(arn: string, names: readonly string[]): Promise<void>;
}
