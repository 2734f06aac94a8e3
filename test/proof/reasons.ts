import type { RoleName } from './calls.ts';

/** Why a statement is there. Beside what the journey proves, it says what the journey cannot show. */
export interface Reason {
  readonly why: string;
  /** Actions that only AWS itself takes with the role: local-aws does not, so that nothing breaks without them here. */
  readonly awsItself?: { readonly actions: readonly string[]; readonly source: string };
  /** Actions that are there although nothing proves them, and why they are. */
  readonly unproven?: { readonly actions: readonly string[]; readonly because: string };
}

const runtimePermissions = 'https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html';
const managedPolicy = 'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/BedrockAgentCoreFullAccess.html';

const cloudFormationGuide = 'https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html';

/** What a resource type may take besides what is proven; the boundary of the resource is that of the statement. */
function besides(service: string, ...actions: readonly string[]): Pick<Reason, 'unproven'> {
  return {
    unproven: {
      actions: actions.map((action) => `${service}:${action}`),
      because: `CloudFormation’s resource types take these in some changes, or read back what they made; the handlers of their schemas list them (${cloudFormationGuide}, docs/unproven.md).`,
    },
  };
}

function ofRuntime(action: string): Pick<Reason, 'unproven'> {
  return {
    unproven: {
      actions: [action],
      because:
        'Whether AgentCore asks it of whoever makes a runtime, AWS says of the service-linked role only (docs/unproven.md).',
    },
  };
}

/** For each statement of each role, by Sid. A statement without a reason fails the proof; so does a reason without one. */
export const reasons: Readonly<Record<RoleName, Readonly<Record<string, Reason>>>> = {
  'Execution role': {
    GetApiKey: {
      why: 'The agent gets its keys, of its model and its tools, with a workload access token. AWS authorizes the call against the provider, the vault, the directory and the identity that the token stands for.',
    },
    ReadApiKeySecret: {
      why: 'AgentCore reads a secret with the role of whoever asks for the key: only these, by their complete ARNs.',
    },
    DecryptApiKeySecret: {
      why: 'The secret has a customer managed KMS key, which Secrets Manager uses for the reader; the role itself cannot.',
    },
    GetTokenWithoutUser: {
      why: 'Where the environment answers callers without a user, the agent gets a token for its own workload identity.',
    },
    CreateLogGroup: {
      why: 'AgentCore makes the log group of an endpoint with this role at the first invocation; without it there are silently no logs.',
      awsItself: { actions: ['logs:DescribeLogStreams'], source: runtimePermissions },
    },
    FindLogGroup: {
      why: 'AgentCore looks for the log group. Log groups of other names show their names, and nothing of what is in them.',
      awsItself: { actions: ['logs:DescribeLogGroups'], source: runtimePermissions },
    },
    WriteLogs: { why: 'What the agent writes to its output goes to the log streams of its own endpoints.' },
    SendTraces: {
      why: 'Where the environment has tracing, the agent sends its spans to X-Ray. AWS gives these actions no resource to narrow them to.',
      awsItself: { actions: ['xray:PutTraceSegments'], source: runtimePermissions },
    },
    PullImage: { why: 'AgentCore pulls the image with this role, and checks it when the runtime is made.' },
    LogInToEcr: { why: 'Whoever pulls has to log in. AWS gives this action no resource to narrow it to.' },
  },
  Handler: {
    ManageCredentialProvider: {
      why: 'Creates, updates and deletes the provider of this stack. AWS authorizes these against the vault too.',
    },
    OwnCredentialProvider: {
      why: 'Marks the provider of this name as ours, before it has the mark; and takes the mark off again where the answer to that was lost.',
    },
    CreateTokenVault: {
      why: 'The first provider of an account and Region makes its token vault. AWS’s reference does not list the action; AWS asks for it.',
    },
    FindCredentialProviders: {
      why: 'Finds what it owns by tags: the name of a replaced provider is in no template any more. None of these shows a key.',
    },
    RetireFormerProviders: {
      why: 'Marks, refreshes, gives back and deletes providers that a replacement has left behind: those with the mark of this stack.',
    },
    DeleteCopies: {
      why: 'AgentCore deletes the copy of a key with the permissions of whoever deletes its provider. The handler itself cannot delete a secret.',
      unproven: {
        actions: ['secretsmanager:DescribeSecret'],
        because:
          'AWS does not say whether AgentCore looks at a secret before it deletes it. It shows no key (docs/unproven.md).',
      },
    },
    FollowDeployment: {
      why: 'Asks CloudFormation what it is doing with this stack: a run that is repeated or comes too late changes nothing.',
    },
    CheckSecret: {
      why: 'Looks up the complete ARN of the secret, and refuses a secret that is missing, malformed or a placeholder.',
    },
    DecryptSecret: {
      why: 'The secret has a customer managed KMS key, which Secrets Manager uses for the reader; the handler itself cannot.',
    },
    ManageCopy: {
      why: 'AgentCore writes the copy of the key with the permissions of whoever creates or updates its provider.',
      awsItself: { actions: ['secretsmanager:GetSecretValue'], source: managedPolicy },
      unproven: {
        actions: ['secretsmanager:DescribeSecret', 'secretsmanager:TagResource'],
        because:
          'AWS lists nowhere what AgentCore asks for; its secrets bear tags of the service. Both concern the copy of this provider only (docs/unproven.md).',
      },
    },
    WriteLogs: { why: 'Lambda writes the handler’s log with this role.' },
    KeepFailures: { why: 'Lambda passes refreshes that failed to the end to the dead-letter queue with this role.' },
  },
  'Log group handler': {
    SetLogGroups: {
      why: 'Makes the log groups of the agent’s endpoints where AgentCore has not yet, and gives them retention, key and tags. AWS adds a suffix to the runtime’s name.',
    },
    RemoveLogGroups: {
      why: 'Deletes them when the stack goes: those that bear its mark. Not there with `production`.',
    },
    FindLogGroups: {
      why: 'When the stack goes, the runtime is gone, and its log groups are found by their names. AWS gives this action no resource to narrow it to.',
    },
    WriteLogs: { why: 'Lambda writes the handler’s log with this role.' },
  },
  Invoker: {
    FindRuntime: { why: '`npm run invoke` finds the runtime by the outputs of its stack.' },
    InvokeAgent: {
      why: 'Asks the agent. Only with the second action may the caller name a user, without whom the agent gets no token.',
    },
  },
  Deployer: {
    TakeRolesOfBootstrap: {
      why: 'The `cdk` command does nothing with its caller’s own permissions but take these roles of the bootstrap; `npm run release` and `npm run rollback` change the stack with the first.',
    },
    AskAgent: {
      why: 'The smoke test asks the newest version by DEFAULT before it is released; after a rollback `live` is asked. No other endpoint, and no other agent.',
    },
    SeeVersions: {
      why: 'Which version the endpoints serve, whether it is ready, and where it gets its keys from. The variables of the agent hold no key.',
    },
    SeeCredentialProviders: {
      why: 'Whether what a version gets its keys from is still there, and which secret AgentCore reads for it. It shows no key.',
    },
  },
  Diff: {
    ReadStacks: {
      why: 'The command compares templates, which hold no key. It tries the lookup role of the bootstrap first, which may read nearly everything in the account, and goes on with its own credentials when it does not get it.',
    },
  },
  CloudFormation: {
    ManageBoundedRoles: {
      why: 'Makes and deletes roles and gives them permissions, with the boundary only; gives the boundary to roles that were there before.',
    },
    ManageRoles: {
      why: 'Whom a role trusts, its description and tags. Without the condition on the boundary, which AWS knows for some of these: a role from before the boundary would be out of reach. None of them gives a role permissions.',
      ...besides('iam', 'GetRole', 'GetRolePolicy', 'ListAttachedRolePolicies', 'ListRolePolicies', 'UpdateRole'),
    },
    PassExecutionRole: { why: 'Gives the execution role to AgentCore, and to no other service.' },
    PassHandlerRole: { why: 'Gives the handler’s role to Lambda.' },
    ReadCode: { why: 'The handler’s code is where the bootstrap keeps files.' },
    ManageFunction: {
      why: 'Makes the handlers, and calls them as the providers of the custom resources.',
      ...besides(
        'lambda',
        'DeleteFunctionConcurrency',
        'GetFunctionCodeSigningConfig',
        'GetFunctionConfiguration',
        'GetFunctionEventInvokeConfig',
        'GetFunctionRecursionConfig',
        'GetPolicy',
        'GetRuntimeManagementConfig',
        'ListTags',
        'UpdateFunctionEventInvokeConfig',
      ),
    },
    LetRuleInvoke: { why: 'Lets EventBridge call the handler, and nobody else.' },
    ManageLogGroup: {
      why: 'Makes the handlers’ log groups, with their retention and KMS key.',
      ...besides('logs', 'DeleteRetentionPolicy', 'DescribeLogGroups', 'ListTagsForResource'),
    },
    ManageQueue: {
      why: 'Makes the dead-letter queue and its policy.',
      ...besides('sqs', 'GetQueueUrl', 'ListQueueTags'),
    },
    ManageAlarm: {
      why: 'Makes the alarm of refreshes that failed, and those of the agent.',
      ...besides('cloudwatch', 'DescribeAlarms', 'ListTagsForResource'),
    },
    ManageMetricFilter: {
      why: 'With alarms: counts what the agent’s log says, in the log groups of its endpoints.',
      ...besides('logs', 'DescribeMetricFilters'),
    },
    ManageDashboard: {
      why: 'With alarms: makes the dashboard of the environment.',
      ...besides('cloudwatch', 'GetDashboard'),
    },
    ManageTopic: {
      why: 'With alarms by e-mail: makes the topic of the environment, its policy and the subscription.',
      ...besides(
        'sns',
        'GetDataProtectionPolicy',
        'GetSubscriptionAttributes',
        'GetTopicAttributes',
        'ListSubscriptionsByTopic',
        'ListTagsForResource',
      ),
    },
    ManageRule: {
      why: 'Makes the rule for changes of the secret.',
      ...besides('events', 'DescribeRule', 'ListTargetsByRule', 'ListTagsForResource'),
    },
    CreateRuntime: {
      why: 'Makes the agent’s runtime. AWS gives this action no resource to narrow it to; where the environment is in a VPC, it is held to its subnets and security groups.',
    },
    ManageRuntime: {
      why: 'Updates and deletes the runtime of the environment, in its own subnets and security groups; tags it where there are tags.',
      ...besides('bedrock-agentcore', 'ListTagsForResource'),
    },
    MakeEndpoint: {
      why: 'Makes the endpoint `live`. AWS authorizes it against the runtime alone. AgentCore makes DEFAULT together with a runtime.',
    },
    ManageLiveEndpoint: { why: 'Moves the endpoint `live` to another version, and deletes it. No other endpoint.' },
    MakeIdentityOfRuntime: {
      why: 'AgentCore makes the workload identity of a runtime together with it.',
      ...ofRuntime('bedrock-agentcore:CreateWorkloadIdentity'),
    },
    MakeServiceLinkedRole: {
      why: 'The first runtime of an account makes AgentCore’s service-linked role, and the first in a VPC that of its network. No other service’s.',
      ...ofRuntime('iam:CreateServiceLinkedRole'),
    },
    ManageWorkloadIdentity: {
      why: 'Makes the workload identity for callers without a user, and changes its tags.',
      ...besides('bedrock-agentcore', 'GetWorkloadIdentity', 'ListTagsForResource'),
    },
    ReadOtherStack: { why: 'The agent’s stack reads the outputs of the identity stack (`Fn::GetStackOutput`).' },
  },
  'Permissions boundary': {
    GetApiKey: { why: 'For the agent: its own providers, with a token of its own runtime.' },
    GetTokenWithoutUser: { why: 'For the agent that answers callers without a user.' },
    ReadSecret: { why: 'For the agent and the handlers: the environment’s secrets and no other.' },
    ReadCopy: { why: 'For the agent, where AgentCore keeps a copy of the key.' },
    DecryptSecret: { why: 'For both roles: the secret’s KMS key, through Secrets Manager only.' },
    ManageCredentialProvider: { why: 'For the handler: the environment’s provider.' },
    OwnCredentialProvider: { why: 'For the handler: the mark on the environment’s provider.' },
    CreateTokenVault: { why: 'For the handler: the first provider of an account makes the vault.' },
    FindCredentialProviders: { why: 'For the handler. None of these shows a key.' },
    RetireFormerProviders: {
      why: 'For the handler: former providers, which bear the mark of the environment’s stack.',
    },
    DeleteCopies: {
      why: 'For AgentCore, as it deletes a provider of the handler’s.',
      unproven: {
        actions: ['secretsmanager:DescribeSecret'],
        because: 'As in the handler’s own policy (docs/unproven.md).',
      },
    },
    ManageCopy: {
      why: 'For AgentCore, as it writes the copy of the key for the handler.',
      unproven: {
        actions: ['secretsmanager:DescribeSecret', 'secretsmanager:TagResource'],
        because: 'As in the handler’s own policy (docs/unproven.md).',
      },
    },
    FollowDeployment: { why: 'For the handler: what CloudFormation is doing with its stack.' },
    CreateLogGroup: {
      why: 'For AgentCore: the log groups of the environment’s runtime.',
      awsItself: { actions: ['logs:DescribeLogStreams'], source: runtimePermissions },
    },
    SetLogGroups: { why: 'For the handler of the log groups: those of the environment’s runtime.' },
    RemoveLogGroups: { why: 'For the handler of the log groups, unless people depend on the environment.' },
    FindLogGroup: { why: 'For AgentCore, and for the handler of the log groups.' },
    WriteLogs: { why: 'For all roles: the logs of the runtime, and those of the handlers.' },
    SendTraces: {
      why: 'For the agent, where the environment has tracing.',
      awsItself: { actions: ['xray:PutTraceSegments'], source: runtimePermissions },
    },
    PullImage: { why: 'For AgentCore: images of the bootstrap.' },
    LogInToEcr: { why: 'For AgentCore.' },
    KeepFailures: { why: 'For Lambda: the dead-letter queue.' },
  },
};
