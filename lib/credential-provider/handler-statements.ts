import { ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { agentCoreArns } from '../agentcore-arns.ts';
import type { CredentialSource } from './credential-source.ts';
import { tags } from './resource-properties.ts';
import { secretArnPatterns } from './secret-id.ts';
import { decryptStatements } from './use-statements.ts';

/** What the handler of a credential provider may do with AgentCore and Secrets Manager. */
export function handlerStatements(
  scope: Construct,
  credentialProviderName: string,
  source: CredentialSource,
): PolicyStatement[] {
  return [
    ...ownProvider(scope, credentialProviderName),
    ...formerProviders(scope),
    // Whether CloudFormation still waits for what a run is about to do.
    new PolicyStatement({
      sid: 'FollowDeployment',
      actions: ['cloudformation:DescribeStacks'],
      resources: [Aws.STACK_ID],
    }),
    new PolicyStatement({
      sid: 'CheckSecret',
      actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
      resources: secretArnPatterns(scope, source.secretId, source.isCompleteArn),
    }),
    ...decryptStatements(scope, 'DecryptSecret', source.encryptionKeyArn),
    ...(source.secretSource === 'MANAGED' ? [ownCopy(scope, credentialProviderName)] : []),
  ];
}

function ownProvider(scope: Construct, name: string): PolicyStatement[] {
  const arns = agentCoreArns(scope);
  const credentialProvider = arns.credentialProvider(name);
  return [
    new PolicyStatement({
      sid: 'ManageCredentialProvider',
      actions: ['Create', 'Update', 'Delete'].map((verb) => `bedrock-agentcore:${verb}ApiKeyCredentialProvider`),
      resources: [arns.tokenVault, credentialProvider],
    }),
    new PolicyStatement({
      sid: 'OwnCredentialProvider',
      actions: ['bedrock-agentcore:TagResource', 'bedrock-agentcore:UntagResource'],
      resources: [credentialProvider],
    }),
    // The first credential provider of an account and Region makes its token vault.
    new PolicyStatement({
      sid: 'CreateTokenVault',
      actions: ['bedrock-agentcore:CreateTokenVault'],
      resources: [arns.tokenVault],
    }),
  ];
}

/**
 * A replacement leaves a provider behind whose name the template no longer has, until no agent uses it. Only its tags
 * say that it is ours.
 */
function formerProviders(scope: Construct): PolicyStatement[] {
  const arns = agentCoreArns(scope);
  const every = arns.credentialProvider('*');
  return [
    // Not by tag: without a provider there are none, and "access denied" would stand where "gone" is the answer. None
    // of these shows a key.
    new PolicyStatement({
      sid: 'FindCredentialProviders',
      actions: [
        'bedrock-agentcore:GetApiKeyCredentialProvider',
        'bedrock-agentcore:ListApiKeyCredentialProviders',
        'bedrock-agentcore:ListTagsForResource',
      ],
      resources: [arns.tokenVault, every],
    }),
    // The vault, against which AWS authorizes these too, is named by ManageCredentialProvider.
    new PolicyStatement({
      sid: 'RetireFormerProviders',
      actions: [
        'bedrock-agentcore:UpdateApiKeyCredentialProvider',
        'bedrock-agentcore:DeleteApiKeyCredentialProvider',
        'bedrock-agentcore:TagResource',
        'bedrock-agentcore:UntagResource',
      ],
      resources: [every],
      conditions: { StringEquals: { [`aws:ResourceTag/${tags.stackId}`]: Aws.STACK_ID } },
    }),
    // Of this name and of former ones: AgentCore deletes the copy of a key with the permissions of whoever deletes its
    // provider. In a call of the handler's own the condition is false.
    new PolicyStatement({
      sid: 'DeleteCopies',
      actions: ['secretsmanager:DeleteSecret', 'secretsmanager:DescribeSecret'],
      resources: [copyArn(scope, '*')],
      conditions: { BoolIfExists: { 'aws:ViaAWSService': 'true' } },
    }),
  ];
}

/**
 * AgentCore writes the copy with the permissions of whoever creates or updates its provider. Deleting it is among
 * DeleteCopies, which the handler itself cannot use.
 */
function ownCopy(scope: Construct, name: string): PolicyStatement {
  return new PolicyStatement({
    sid: 'ManageCopy',
    actions: ['CreateSecret', 'PutSecretValue', 'DescribeSecret', 'GetSecretValue', 'TagResource'].map(
      (action) => `secretsmanager:${action}`,
    ),
    // The six characters that Secrets Manager adds, and no more: `openai-*` would match the copy of `openai-2` too.
    resources: [copyArn(scope, `${name}-??????`)],
  });
}

/** The secrets in which AgentCore keeps the keys of MANAGED providers. */
function copyArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: `bedrock-agentcore-identity!default/apikey/${name}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
