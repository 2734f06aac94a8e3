import { Annotations, Aws, CfnCondition, CfnOutput, Fn, Stack, Tags, Token, TokenComparison } from 'aws-cdk-lib';
import { type IGrantable, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { stableName } from '../custom-resource/stable-name.ts';
import { SettingsError } from '../settings-error.ts';
import type { CredentialSource } from './credential-source.ts';
import { locationOf } from './secret-id.ts';
import { viaSecretsManager } from './use-statements.ts';

/**
 * Whether the secret is of another account: `maybe` when the stack's account is not known before the deployment.
 *
 * @throws SettingsError for a secret that no provider of this stack could use
 */
export function isOfOtherAccount(scope: Construct, source: CredentialSource): 'no' | 'maybe' | 'yes' {
  const { account, region } = Stack.of(scope);
  if (Token.isUnresolved(source.secretId)) {
    refuseSecretOfOtherStack(scope, source);
    return 'no';
  }
  const secret = locationOf(source.secretId);
  if (!secret) return 'no';
  if (!Token.isUnresolved(region) && secret.region !== region) {
    throw new SettingsError(
      `The secret ${source.secretId} is in ${secret.region}, but AgentCore in ${region} reads secrets of ${region} only: replicate it there (aws secretsmanager replicate-secret-to-regions) and give the replica's ARN.`,
    );
  }
  if (Token.isUnresolved(account)) return 'maybe';
  if (secret.account === account) return 'no';
  if (!secret.mayBeComplete) {
    throw new SettingsError(
      `The secret ${source.secretId} is of another account (${secret.account}, not ${account}): give its complete ARN, with the six characters that AWS adds to the name.`,
    );
  }
  if (source.encryptionKeyArn === undefined) {
    throw new SettingsError(
      `The secret ${source.secretId} is of another account (${secret.account}, not ${account}), which cannot use AWS's own KMS key: encrypt it with a customer managed key and give that key's ARN as encryptionKeyArn.`,
    );
  }
  return 'yes';
}

/** Of a secret of another stack's environment CDK knows no complete ARN, and a policy with another one matches nothing. */
function refuseSecretOfOtherStack(scope: Construct, { secretEnvironment }: CredentialSource): void {
  if (!secretEnvironment) return;
  const stack = Stack.of(scope);
  for (const part of ['account', 'region'] as const) {
    if (Token.compareStrings(secretEnvironment[part], stack[part]) === TokenComparison.DIFFERENT) {
      throw new SettingsError(
        `The secret of the credential provider ${scope.node.path} is of another ${part} (${secretEnvironment[part]}, not ${stack[part]}), where its complete ARN is not known: give it as text, with Secret.fromSecretCompleteArn${part === 'region' ? ', of a replica in this Region' : ''}.`,
      );
    }
  }
}

/**
 * The tag of the roles that read the secret. The other account must allow them before the first deployment, when
 * CloudFormation has not named them yet: so its policies know them by this tag. It stays the same when the provider is
 * replaced, and it is a key of its own for each provider, since a role may use several.
 */
export function readerRoleTag(provider: Construct): Record<string, string> {
  return { [`outbound-auth:reads-secret-of:${stableName(provider)}`]: 'true' };
}

/** Marks the role of a grantee, where the tag has to be there and can be set. */
export function tagReader(provider: Construct, grantee: IGrantable, roleTag: Readonly<Record<string, string>>): void {
  const { grantPrincipal } = grantee;
  for (const [name, value] of Object.entries(roleTag)) {
    if (Role.isRole(grantPrincipal)) {
      Tags.of(grantPrincipal).add(name, value);
      continue;
    }
    Annotations.of(provider).addWarningV2(
      'agentcore-outbound-auth:roleTag',
      `${grantPrincipal} cannot be tagged from here: if the secret is of another account, its policies let only roles read it that bear the tag ${name}=${value} (roleTag of the credential provider).`,
    );
  }
}

/**
 * Prints, as outputs, what the other account must attach to its secret and add to the policy of its KMS key.
 *
 * @param roleTag that the roles bear
 */
export function outputPoliciesOfOtherAccount(
  scope: Construct,
  source: CredentialSource,
  roleTag: Readonly<Record<string, string>>,
): void {
  const stack = Stack.of(scope);
  const principal = {
    Effect: 'Allow',
    Principal: { AWS: `arn:${Aws.PARTITION}:iam::${stack.account}:root` },
  };
  const ofReaders = Object.fromEntries(
    Object.entries(roleTag).map(([name, value]) => [`aws:PrincipalTag/${name}`, value]),
  );
  const allowSecret = {
    Sid: 'OutboundAuth',
    ...principal,
    Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
    Resource: '*',
    Condition: { StringEquals: ofReaders },
  };
  const allowKey = {
    Sid: 'OutboundAuth',
    ...principal,
    Action: 'kms:Decrypt',
    Resource: '*',
    Condition: { StringEquals: { ...ofReaders, ...viaSecretsManager(scope) } },
  };
  const condition = Token.isUnresolved(stack.account)
    ? new CfnCondition(scope, 'SecretIsOfOtherAccount', {
        expression: Fn.conditionNot(Fn.conditionEquals(stack.account, locationOf(source.secretId)?.account)),
      })
    : undefined;
  const output = (id: string, description: string, value: unknown) =>
    new CfnOutput(scope, id, { description, value: stack.toJsonString(value), ...(condition && { condition }) });
  output('SecretResourcePolicy', `Resource policy that the secret ${source.secretId} needs in its own account`, {
    Version: '2012-10-17',
    Statement: [allowSecret],
  });
  output('KeyPolicyStatement', `Statement that the policy of the secret's KMS key needs`, allowKey);
}
