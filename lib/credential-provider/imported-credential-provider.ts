import type { Construct } from 'constructs';
import { ApiKeyCredentialProviderBase } from './credential-provider-base.ts';

/** What another app has to know of a credential provider: properties of the construct by the same names. */
export interface ApiKeyCredentialProviderAttributes {
  readonly credentialProviderName: string;
  readonly credentialProviderArn: string;
  /** Complete ARN of the secret that AgentCore reads. */
  readonly apiKeySecretArn: string;
  /**
   * The provider that open sessions still use after a replacement.
   *
   * @default none
   */
  readonly formerCredentialProviderName?: string;
  /**
   * Complete ARN of the secret of that one.
   *
   * @default none
   */
  readonly formerApiKeySecretArn?: string;
  /**
   * The customer managed KMS key of the secret that AgentCore reads.
   *
   * @default AWS's own key
   */
  readonly apiKeyEncryptionKeyArn?: string;
  /**
   * Tag of the roles that another account's policies let read the secret.
   *
   * @default none: the secret is of this account
   */
  readonly roleTag?: Readonly<Record<string, string>>;
}

/** A credential provider of another app. */
export class ImportedCredentialProvider extends ApiKeyCredentialProviderBase {
  readonly credentialProviderName: string;
  readonly credentialProviderArn: string;
  readonly apiKeySecretArn: string;
  readonly formerCredentialProviderName: string;
  readonly formerApiKeySecretArn: string;
  readonly apiKeyEncryptionKeyArn: string | undefined;
  readonly description: string;
  readonly roleTag: Readonly<Record<string, string>>;
  protected readonly sourceSuffix = '';

  constructor(scope: Construct, id: string, attributes: ApiKeyCredentialProviderAttributes) {
    super(scope, id);
    const { credentialProviderName, credentialProviderArn, apiKeySecretArn } = attributes;
    this.credentialProviderName = credentialProviderName;
    this.credentialProviderArn = credentialProviderArn;
    this.apiKeySecretArn = apiKeySecretArn;
    this.formerCredentialProviderName = attributes.formerCredentialProviderName ?? credentialProviderName;
    this.formerApiKeySecretArn = attributes.formerApiKeySecretArn ?? apiKeySecretArn;
    this.apiKeyEncryptionKeyArn = attributes.apiKeyEncryptionKeyArn;
    this.roleTag = attributes.roleTag ?? {};
    this.description = `credential provider ${credentialProviderName} of another app`;
  }
}
