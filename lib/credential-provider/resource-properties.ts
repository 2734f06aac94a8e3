/** Properties of `Custom::ApiKeyCredentialProvider`: written by the construct, read by its handler. */
export interface CredentialProviderProperties {
  /** Name of the credential provider; a change replaces it. */
  readonly CredentialProviderName: string;
  /** Name or ARN of the Secrets Manager secret. */
  readonly SecretId: string;
  /** Key of the secret's JSON object under which the API key stands. */
  readonly JsonKey: string;
}

/** Attributes of `Custom::ApiKeyCredentialProvider`: written by the handler, read by the construct. */
export interface CredentialProviderAttributes {
  readonly CredentialProviderArn: string;
  /** The secret's full ARN, with the six characters that AWS adds to its name: a policy without them matches nothing. */
  readonly SecretArn: string;
}

/** Tags that mark a credential provider as owned by one resource of one stack. */
export const ownerTags = { stackId: 'outbound-auth:stack-id', logicalId: 'outbound-auth:logical-id' } as const;
