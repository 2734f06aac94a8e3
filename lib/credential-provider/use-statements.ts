import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { agentCoreArns } from '../agentcore-arns.ts';

/** What an agent's role needs to know of a credential provider. */
export interface OutboundCredential {
  readonly credentialProviderName: string;
  /** The one that it has replaced, which open sessions still use; itself when there is none. */
  readonly formerCredentialProviderName: string;
  /** Complete ARN of the secret that AgentCore reads for the caller of GetResourceApiKey. */
  readonly apiKeySecretArn: string;
  /** The same of the one that it has replaced. */
  readonly formerApiKeySecretArn: string;
  /** The customer managed KMS key of that secret. */
  readonly apiKeyEncryptionKeyArn: string | undefined;
  /** Where the key comes from, in words that change when it does. */
  readonly description: string;
}

/**
 * What a role needs in order to get the keys of credential providers: of these and of no others.
 *
 * @param workloadIdentityArns the workload identities whose tokens it may get it with
 */
export function useStatements(
  scope: Construct,
  credentials: readonly OutboundCredential[],
  workloadIdentityArns: readonly string[],
): [getKey: PolicyStatement, readSecret: PolicyStatement, ...decrypt: PolicyStatement[]] {
  const arns = agentCoreArns(scope);
  return [
    // AWS authorizes the call against the provider, the vault, the directory and the identity.
    new PolicyStatement({
      sid: 'GetApiKey',
      actions: ['bedrock-agentcore:GetResourceApiKey'],
      resources: [
        ...credentials.flatMap(({ credentialProviderName, formerCredentialProviderName }) =>
          [credentialProviderName, formerCredentialProviderName].map(arns.credentialProvider),
        ),
        arns.tokenVault,
        arns.workloadIdentityDirectory,
        ...workloadIdentityArns,
      ],
    }),
    // AgentCore Identity reads the secret with the role of whoever asks for the key.
    new PolicyStatement({
      sid: 'ReadApiKeySecret',
      actions: ['secretsmanager:GetSecretValue'],
      resources: credentials.flatMap(({ apiKeySecretArn, formerApiKeySecretArn }) => [
        apiKeySecretArn,
        formerApiKeySecretArn,
      ]),
    }),
    ...decryptStatements(
      scope,
      'DecryptApiKeySecret',
      ...credentials.map(({ apiKeyEncryptionKeyArn }) => apiKeyEncryptionKeyArn),
    ),
  ];
}

/** Decrypts with keys of the customer's, for Secrets Manager only. */
export function decryptStatements(
  scope: Construct,
  sid: string,
  ...keyArns: readonly (string | undefined)[]
): PolicyStatement[] {
  const resources = [...new Set(keyArns.filter((keyArn) => keyArn !== undefined))];
  if (resources.length === 0) return [];
  return [
    new PolicyStatement({
      sid,
      actions: ['kms:Decrypt'],
      resources,
      conditions: { StringEquals: viaSecretsManager(scope) },
    }),
  ];
}

/** The condition that a KMS key is used by Secrets Manager of the stack's Region. */
export function viaSecretsManager(scope: Construct): Record<string, string> {
  return { 'kms:ViaService': `secretsmanager.${Stack.of(scope).region}.amazonaws.com` };
}
