import { AwsError, notSupported } from '../errors.ts';
import type { Iam } from '../iam/iam.ts';
import { onBehalfOf, type Principal } from '../iam/principal.ts';

const awsManagedKey = 'alias/aws/secretsmanager';

/**
 * Checks that a caller may use the customer's KMS key of a secret, as Secrets Manager does on the caller's behalf. There
 * is no KMS here and nothing is encrypted; the permission is checked all the same, since on AWS it is needed.
 *
 * @throws AwsError AccessDeniedException
 */
export function authorizeKey(
  { iam, account }: { readonly iam: Iam; readonly account: string },
  caller: Principal,
  action: 'kms:Decrypt' | 'kms:GenerateDataKey',
  secret: { readonly region: string; readonly arn: string; readonly kmsKeyId?: string },
): void {
  const { kmsKeyId: keyId, region } = secret;
  if (keyId === undefined) return;
  const arn = keyId.startsWith('arn:') ? keyId : `arn:aws:kms:${region}:${account}:key/${keyId}`;
  try {
    iam.authorize(onBehalfOf(caller, 'secretsmanager.amazonaws.com'), action, arn, {
      'kms:ViaService': `secretsmanager.${region}.amazonaws.com`,
      'kms:CallerAccount': account,
      'kms:EncryptionContext:SecretARN': secret.arn,
    });
  } catch (error) {
    // Secrets Manager does not pass on what KMS said.
    throw error instanceof AwsError && error.code === 'AccessDeniedException'
      ? new AwsError('AccessDeniedException', 'Access to KMS is not allowed', 403)
      : error;
  }
}

/**
 * A KmsKeyId as it is kept: undefined for the key that AWS manages.
 *
 * @throws AwsError for an alias, which only KMS could resolve
 */
export function keptKeyId(keyId: string | undefined): string | undefined {
  if (keyId === undefined || keyId === awsManagedKey || keyId.endsWith(`:${awsManagedKey}`)) return undefined;
  if (keyId.includes('alias/')) throw notSupported(`a KMS alias (${keyId}): give the key's id or ARN`);
  return keyId;
}
