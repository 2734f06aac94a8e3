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
 * What a role needs in order to get the key of a credential provider.
 *
 * @param workloadIdentityArns the workload identities whose tokens it may get it with
 */
export function useStatements(
  scope: Construct,
  credential: OutboundCredential,
  workloadIdentityArns: readonly string[],
): [getKey: PolicyStatement, ...readSecret: PolicyStatement[]] {
  const arns = agentCoreArns(scope);
  return [
    // AWS authorizes the call against all four.
    new PolicyStatement({
      sid: 'GetApiKey',
      actions: ['bedrock-agentcore:GetResourceApiKey'],
      resources: [
        arns.credentialProvider(credential.credentialProviderName),
        arns.credentialProvider(credential.formerCredentialProviderName),
        arns.tokenVault,
        arns.workloadIdentityDirectory,
        ...workloadIdentityArns,
      ],
    }),
    // AgentCore Identity reads the secret with the role of whoever asks for the key.
    new PolicyStatement({
      sid: 'ReadApiKeySecret',
      actions: ['secretsmanager:GetSecretValue'],
      resources: [credential.apiKeySecretArn, credential.formerApiKeySecretArn],
    }),
    ...decryptStatements(scope, 'DecryptApiKeySecret', credential.apiKeyEncryptionKeyArn),
  ];
}

/** Decrypts with a key of the customer's, for Secrets Manager only. */
export function decryptStatements(scope: Construct, sid: string, keyArn: string | undefined): PolicyStatement[] {
  if (keyArn === undefined) return [];
  return [
    new PolicyStatement({
      sid,
      actions: ['kms:Decrypt'],
      resources: [keyArn],
      conditions: { StringEquals: viaSecretsManager(scope) },
    }),
  ];
}

/** The condition that a KMS key is used by Secrets Manager of the stack's Region. */
export function viaSecretsManager(scope: Construct): Record<string, string> {
  return { 'kms:ViaService': `secretsmanager.${Stack.of(scope).region}.amazonaws.com` };
}
