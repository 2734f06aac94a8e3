import { logGroupsOfRuntimes } from '../agent-runtime/log-groups/resource-properties.ts';
import { tags } from '../credential-provider/resource-properties.ts';
import type { Environment } from '../environments/index.ts';
import { stackName } from '../stack-name.ts';
import { generatedNames, namedCredentials, ownIdentity } from './own-names.ts';
import { arnsOf, type Place } from './place.ts';
import { actionsOf, allow, type PolicyDocument, type PolicyStatement, policyDocument } from './policy-document.ts';

type Arns = ReturnType<typeof arnsOf>;

/**
 * The most that any role of an environment may ever do, whatever its own policies say.
 *
 * @param former earlier settings of the environment, whose provider and secret agents may still use: for a change of
 * their names
 */
export function permissionsBoundary(
  environment: Environment,
  place: Place,
  former: readonly Environment[] = [],
): PolicyDocument {
  const arns = arnsOf(place);
  return policyDocument(
    ...useOfKeys([environment, ...former], place, arns),
    ...providersOf(environment, arns),
    ...copiesOf(environment, arns),
    allow('FollowDeployment', ['cloudformation:DescribeStacks'], [arns.stack(stackName(environment, 'identity'))]),
    ...logsAndTraces(environment, arns),
    ...imageOf(environment, arns),
    allow('KeepFailures', ['sqs:SendMessage'], [arns.arn('sqs', generatedNames(environment))]),
  );
}

/** Getting a key, and reading the secret that it is in. */
function useOfKeys(settings: readonly Environment[], { region }: Place, arns: Arns): PolicyStatement[] {
  const identities = settings.flatMap((each) => [
    `${each.runtimeName}-*`,
    ...(each.callersWithoutUser ? [ownIdentity(each)] : []),
  ]);
  const credentials = settings.flatMap(namedCredentials);
  const keys = credentials.flatMap(({ encryptionKeyArn }) => encryptionKeyArn ?? []);
  const open = settings.filter(({ callersWithoutUser }) => callersWithoutUser);
  const copies = credentials.filter(({ source }) => source === 'copy');
  return [
    allow('GetApiKey', actionsOf('bedrock-agentcore', 'GetResourceApiKey'), [
      arns.tokenVault,
      ...credentials.map(({ providerPattern }) => arns.credentialProvider(providerPattern)),
      arns.workloadIdentityDirectory,
      ...identities.map(arns.workloadIdentity),
    ]),
    ...(open.length > 0
      ? [
          allow('GetTokenWithoutUser', actionsOf('bedrock-agentcore', 'GetWorkloadAccessToken'), [
            arns.workloadIdentityDirectory,
            ...open.map((each) => arns.workloadIdentity(ownIdentity(each))),
          ]),
        ]
      : []),
    allow('ReadSecret', actionsOf('secretsmanager', 'DescribeSecret', 'GetSecretValue'), [
      ...credentials.flatMap(({ secret }) => secretPatterns(secret, arns)),
    ]),
    ...(copies.length > 0
      ? [
          allow(
            'ReadCopy',
            actionsOf('secretsmanager', 'GetSecretValue'),
            copies.map(({ providerPattern }) => arns.copy(`${providerPattern}-??????`)),
          ),
        ]
      : []),
    ...(keys.length > 0
      ? [
          allow('DecryptSecret', ['kms:Decrypt'], keys, {
            StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` },
          }),
        ]
      : []),
  ];
}

/** Whether an ARN is complete cannot be told from it. */
function secretPatterns(secret: string, arns: Arns): string[] {
  return secret.startsWith('arn:') ? [secret, `${secret}-??????`] : [arns.secret(`${secret}-??????`)];
}

function providersOf(environment: Environment, arns: Arns): PolicyStatement[] {
  const every = arns.credentialProvider('*');
  const own = namedCredentials(environment).map(({ providerPattern }) => arns.credentialProvider(providerPattern));
  const changes = ['Delete', 'Update'].map((verb) => `${verb}ApiKeyCredentialProvider`);
  return [
    allow('ManageCredentialProvider', actionsOf('bedrock-agentcore', 'CreateApiKeyCredentialProvider', ...changes), [
      arns.tokenVault,
      ...own,
    ]),
    allow('OwnCredentialProvider', actionsOf('bedrock-agentcore', 'TagResource', 'UntagResource'), own),
    allow('CreateTokenVault', actionsOf('bedrock-agentcore', 'CreateTokenVault'), [arns.tokenVault]),
    allow(
      'FindCredentialProviders',
      actionsOf(
        'bedrock-agentcore',
        'GetApiKeyCredentialProvider',
        'ListApiKeyCredentialProviders',
        'ListTagsForResource',
      ),
      [arns.tokenVault, every],
    ),
    allow(
      'RetireFormerProviders',
      actionsOf('bedrock-agentcore', ...changes, 'TagResource', 'UntagResource'),
      [every],
      { StringLike: { [`aws:ResourceTag/${tags.stackId}`]: arns.stack(stackName(environment, 'identity')) } },
    ),
  ];
}

function copiesOf(environment: Environment, arns: Arns): PolicyStatement[] {
  const own = namedCredentials(environment)
    .filter(({ source }) => source === 'copy')
    .map(({ providerPattern }) => arns.copy(`${providerPattern}-??????`));
  return [
    allow('DeleteCopies', actionsOf('secretsmanager', 'DeleteSecret', 'DescribeSecret'), [arns.copy('*')], {
      BoolIfExists: { 'aws:ViaAWSService': 'true' },
    }),
    ...(own.length > 0
      ? [
          allow(
            'ManageCopy',
            actionsOf('secretsmanager', 'CreateSecret', 'DescribeSecret', 'PutSecretValue', 'TagResource'),
            own,
          ),
        ]
      : []),
  ];
}

/** With direct code deployment there is none. */
function imageOf({ artifact }: Environment, arns: Arns): PolicyStatement[] {
  if (artifact === 'code') return [];
  return [
    allow('PullImage', actionsOf('ecr', 'BatchGetImage', 'GetDownloadUrlForLayer'), [arns.assetsOfImages]),
    allow('LogInToEcr', ['ecr:GetAuthorizationToken'], ['*']),
  ];
}

function logsAndTraces(environment: Environment, arns: Arns): PolicyStatement[] {
  const ofRuntime = `${logGroupsOfRuntimes}${environment.runtimeName}-*`;
  const ownLogGroups = [arns.logGroup(ofRuntime)];
  return [
    allow('CreateLogGroup', actionsOf('logs', 'CreateLogGroup', 'DescribeLogStreams'), ownLogGroups),
    allow(
      'SetLogGroups',
      actionsOf('logs', 'AssociateKmsKey', 'DisassociateKmsKey', 'PutRetentionPolicy', 'TagResource', 'UntagResource'),
      ownLogGroups,
    ),
    ...(environment.production
      ? []
      : [allow('RemoveLogGroups', actionsOf('logs', 'DeleteLogGroup', 'ListTagsForResource'), ownLogGroups)]),
    allow('FindLogGroup', ['logs:DescribeLogGroups'], ['*']),
    allow(
      'WriteLogs',
      actionsOf('logs', 'CreateLogStream', 'PutLogEvents'),
      [ofRuntime, generatedNames(environment)].map(arns.logStreams),
    ),
    ...(environment.tracing === 'off'
      ? []
      : [allow('SendTraces', actionsOf('xray', 'PutSpans', 'PutTraceSegments'), ['*'])]),
  ];
}
