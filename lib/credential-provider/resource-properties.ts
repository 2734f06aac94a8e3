/**
 * Properties of `Custom::ApiKeyCredentialProvider`: written by the construct, read by its handler. CloudFormation makes
 * every value a string on the way.
 */
export interface CredentialProviderProperties {
  /** Name of the credential provider; a change replaces it. */
  readonly CredentialProviderName: string;
  /**
   * `EXTERNAL`: the provider refers to the secret. `MANAGED`: AgentCore keeps a copy of the key. It cannot be switched in
   * place, so a change needs another name too.
   */
  readonly SecretSource: 'EXTERNAL' | 'MANAGED';
  /** Name or ARN of the Secrets Manager secret. */
  readonly SecretId: string;
  /** Key of the secret's JSON object under which the API key stands; missing: the whole secret is the key (MANAGED only). */
  readonly JsonKey?: string;
  /** `true` takes over a provider of this name that is somebody else's. */
  readonly AdoptExisting?: 'true' | 'false';
  /** What becomes of the provider when the resource is deleted. Missing: `Delete` what we made, `Retain` what was adopted. */
  readonly OnDelete?: 'Delete' | 'Retain';
  /** JSON object of further tags of the provider, beside those that mark its owner. */
  readonly Tags?: string;
}

/** Attributes of `Custom::ApiKeyCredentialProvider`: written by the handler, read by the construct. */
export interface CredentialProviderAttributes {
  readonly CredentialProviderArn: string;
  /** The source's full ARN, with the six characters that AWS adds to its name: a policy without them matches nothing. */
  readonly SecretArn: string;
  /** The secret that AgentCore reads for GetResourceApiKey: the source (EXTERNAL), or AgentCore's own copy (MANAGED). */
  readonly ApiKeySecretArn: string;
  /**
   * The provider that the agent uses until it has moved to this one, and its sessions of before even longer; this one when
   * there is no other: a policy needs a name in either case.
   */
  readonly FormerCredentialProviderName: string;
  /** The secret that AgentCore reads for that one. */
  readonly FormerApiKeySecretArn: string;
}

/**
 * Properties of `Custom::CredentialProviderInUse`, a resource of the stack that uses the provider, made after everything
 * else in it: from then on, providers that a replacement left behind get no new sessions, and go when the last has ended.
 */
export interface CredentialProviderInUseProperties {
  readonly CredentialProviderName: string;
  /** A former one that new sessions are given as well: those of an endpoint that stays on an older version. */
  readonly PinnedCredentialProviderName?: string;
  /** ARN of that endpoint, so that CloudFormation moves it first. */
  readonly PinnedBy?: string;
  /** Owner of the provider: the identity stack's id and the logical id of its `Custom::ApiKeyCredentialProvider`. */
  readonly OwnerStackId: string;
  readonly OwnerLogicalId: string;
}

/** Resource types, by which the handler tells the two apart. */
export const resourceTypes = {
  credentialProvider: 'Custom::ApiKeyCredentialProvider',
  inUse: 'Custom::CredentialProviderInUse',
} as const;

/**
 * What the EventBridge rule sends to the handler when the secret's value has changed, and once a day: all that a refresh
 * needs, since no CloudFormation event tells it.
 */
export interface RefreshEvent {
  readonly refresh: Pick<
    CredentialProviderProperties,
    'CredentialProviderName' | 'SecretSource' | 'SecretId' | 'JsonKey'
  > & {
    readonly OwnerStackId: string;
    readonly OwnerLogicalId: string;
  };
  /** When what happened, for the log. */
  readonly time?: string;
  readonly eventName?: string;
}

/** Tags of a credential provider. */
export const tags = {
  /** Owner: the stack. */
  stackId: 'outbound-auth:stack-id',
  /** Owner: the resource in the stack. */
  logicalId: 'outbound-auth:logical-id',
  /** `true` when it was somebody else's before. */
  adopted: 'outbound-auth:adopted',
  /** `true` once a replacement has taken its place: it stays until nobody uses it any more. */
  retired: 'outbound-auth:retired',
  /** Until when new sessions of the agent use it: `now`, `pinned` (an older version that is released), or ISO 8601. Missing: none has. */
  usedUntil: 'outbound-auth:used-until',
  /** Which secret and JSON key it has its key from, as a hash: a refresh of another source leaves it alone. */
  source: 'outbound-auth:source',
} as const;
