import type { Statement } from '../../local-aws/iam/policy.ts';
import { listOf, type ProvenRole, type RoleName } from './calls.ts';
import { rewritten } from './judgement.ts';

/** A deliberate mistake in a policy, which the proof has to find. */
export interface Weakening {
  readonly title: string;
  readonly role: RoleName;
  /** What the proof says of it. */
  readonly caughtAs: RegExp;
  apply(role: ProvenRole): ProvenRole;
}

/** The tests of the proof. */
export const weakenings: readonly Weakening[] = [
  inStatement(
    'a provider of any name',
    'Execution role',
    'GetApiKey',
    /must not be: GetResourceApiKey/,
    (statement) => ({
      ...statement,
      Resource: [...listOf(statement.Resource), '*'],
    }),
  ),
  inStatement('every secret', 'Execution role', 'ReadApiKeySecret', /must not be: GetSecretValue/, (statement) => ({
    ...statement,
    Resource: '*',
  })),
  inStatement(
    'every secret of AgentCore’s',
    'Execution role',
    'ReadApiKeySecret',
    /must not be: GetSecretValue/,
    (statement) => ({
      ...statement,
      Resource: [...listOf(statement.Resource), 'arn:aws:secretsmanager:*:*:secret:bedrock-agentcore-identity!*'],
    }),
  ),
  inStatement(
    'every action of AgentCore',
    'Execution role',
    'GetApiKey',
    /must not be: GetTokenVault/,
    (statement) => ({
      ...statement,
      Action: 'bedrock-agentcore:*',
    }),
  ),
  inStatement(
    'an action more',
    'Execution role',
    'GetApiKey',
    /nothing breaks: GetApiKey without the action .*GetResourceOauth2Token/,
    (statement) => ({
      ...statement,
      Action: [...listOf(statement.Action), 'bedrock-agentcore:GetResourceOauth2Token'],
    }),
  ),
  inStatement(
    'a resource more',
    'Execution role',
    'PullImage',
    /nothing breaks: PullImage without the resource .*theirs-too/,
    (statement) => ({
      ...statement,
      Resource: [...listOf(statement.Resource), 'arn:aws:ecr:us-east-1:111122223333:repository/theirs-too'],
    }),
  ),
  inStatement(
    'the log groups of every runtime',
    'Execution role',
    'WriteLogs',
    /must not be: .*logs:PutLogEvents/,
    (statement) => ({
      ...statement,
      Resource: 'arn:aws:logs:us-east-1:111122223333:log-group:/aws/bedrock-agentcore/runtimes/*:log-stream:*',
    }),
  ),
  inStatement(
    'the log groups of every runtime, to delete',
    'Log group handler',
    'RemoveLogGroups',
    /must not be: .*logs:DeleteLogGroup/,
    (statement) => ({
      ...statement,
      Resource: 'arn:aws:logs:us-east-1:111122223333:log-group:/aws/bedrock-agentcore/runtimes/*',
    }),
  ),
  inStatement(
    'a KMS key for everybody',
    'Execution role',
    'DecryptApiKeySecret',
    /must not be: .*kms:Decrypt/,
    withoutConditions,
  ),
  withStatement(
    'a statement that nobody explains',
    'Execution role',
    'GetApiKey',
    /does not say why there is Convenient/,
    {
      Sid: 'Convenient',
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: '*',
    },
  ),
  inStatement(
    'every stack’s providers',
    'Handler',
    'RetireFormerProviders',
    /must not be: DeleteApiKeyCredentialProvider/,
    withoutConditions,
  ),
  inStatement('every copy, by itself', 'Handler', 'DeleteCopies', /must not be: DeleteSecret/, withoutConditions),
  inStatement(
    'copies of names that begin alike',
    'Handler',
    'ManageCopy',
    /must not be: GetSecretValue/,
    (statement) => ({
      ...statement,
      Resource: listOf(statement.Resource).map((each) => each.replace('-??????', '-*')),
    }),
  ),
  inStatement(
    'secrets of names that begin alike',
    'Handler',
    'CheckSecret',
    /must not be: GetSecretValue/,
    (statement) => ({
      ...statement,
      Resource: listOf(statement.Resource).map((each) => each.replace('-??????', '-*')),
    }),
  ),
  inStatement(
    'providers of every name',
    'Handler',
    'ManageCredentialProvider',
    /must not be: CreateApiKeyCredentialProvider/,
    (statement) => ({
      ...statement,
      Resource: [
        ...listOf(statement.Resource),
        'arn:aws:bedrock-agentcore:us-east-1:111122223333:token-vault/default/*',
      ],
    }),
  ),
  inStatement('an action less', 'Handler', 'CheckSecret', /not allowed: .*DescribeSecret/, (statement) => ({
    ...statement,
    Action: 'secretsmanager:GetSecretValue',
  })),
  inStatement('every runtime', 'Invoker', 'InvokeAgent', /must not be: InvokeAgentRuntime/, (statement) => ({
    ...statement,
    Resource: '*',
  })),
  inStatement('every stack', 'Diff', 'ReadStacks', /must not be: GetTemplate/, (statement) => ({
    ...statement,
    Resource: '*',
  })),
  inStatement('every role', 'Deployer', 'TakeRolesOfBootstrap', /must not be: AssumeRole/, (statement) => ({
    ...statement,
    Resource: '*',
  })),
  inStatement(
    'a role of the bootstrap more',
    'Deployer',
    'TakeRolesOfBootstrap',
    /nothing breaks: TakeRolesOfBootstrap without the resource .*theirs/,
    (statement) => ({
      ...statement,
      Resource: [...listOf(statement.Resource), 'arn:aws:iam::111122223333:role/theirs'],
    }),
  ),
  inStatement(
    'roles without a boundary',
    'CloudFormation',
    'ManageBoundedRoles',
    /must not be: .*iam:CreateRole/,
    withoutConditions,
  ),
  inStatement('roles of any name', 'CloudFormation', 'ManageBoundedRoles', /must not be: .*iam:CreateRole/, (each) => ({
    ...each,
    Resource: '*',
  })),
  inStatement('for any service', 'CloudFormation', 'PassHandlerRole', /must not be: .*iam:PassRole/, withoutConditions),
  inStatement(
    'by anybody',
    'CloudFormation',
    'LetRuleInvoke',
    /must not be: .*lambda:AddPermission/,
    withoutConditions,
  ),
  inStatement('every secret', 'Permissions boundary', 'ReadSecret', /must not be: GetSecretValue/, (statement) => ({
    ...statement,
    Resource: '*',
  })),
  inStatement(
    'a provider of any name',
    'Permissions boundary',
    'GetApiKey',
    /must not be: GetResourceApiKey/,
    (statement) => ({ ...statement, Resource: '*' }),
  ),
  inStatement(
    'every environment’s providers',
    'Permissions boundary',
    'RetireFormerProviders',
    /must not be: DeleteApiKeyCredentialProvider/,
    withoutConditions,
  ),
  inTrust('another account’s runtimes', 'Execution role', 'aws:SourceAccount', /for another account/),
  inTrust('any resource of AgentCore', 'Execution role', 'aws:SourceArn', /for any resource/),
  inTrust('another account’s functions', 'Handler', 'aws:SourceAccount', /for another account/),
  inTrust('any resource of Lambda', 'Handler', 'aws:SourceArn', /for any resource/),
];

function inStatement(
  title: string,
  role: RoleName,
  sid: string,
  caughtAs: RegExp,
  change: (statement: Statement) => Statement,
): Weakening {
  return {
    title: `${sid}: ${title}`,
    role,
    caughtAs,
    apply: (each) =>
      rewritten(each, { statement: (statement) => [statement.Sid === sid ? change(statement) : statement] }),
  };
}

function withStatement(title: string, role: RoleName, beside: string, caughtAs: RegExp, added: Statement): Weakening {
  return {
    title,
    role,
    caughtAs,
    apply: (each) =>
      rewritten(each, {
        statement: (statement) => (statement.Sid === beside ? [statement, added] : [statement]),
      }),
  };
}

function inTrust(title: string, role: RoleName, key: string, caughtAs: RegExp): Weakening {
  const drop = (statement: Statement): Statement => ({
    ...statement,
    Condition: Object.fromEntries(
      Object.entries(statement.Condition ?? {}).filter(([, keys]) => !Object.hasOwn(keys, key)),
    ),
  });
  return { title: `trust without ${key}: ${title}`, role, caughtAs, apply: (each) => rewritten(each, { trust: drop }) };
}

function withoutConditions({ Condition: _dropped, ...statement }: Statement): Statement {
  return statement;
}
