import { liveEndpoint } from '../agent-runtime/live-endpoint-name.ts';
import { logGroupsOfRuntimes } from '../agent-runtime/log-groups/resource-properties.ts';
import type { Environment } from '../environments/index.ts';
import { alarmTopicName, dashboardName } from '../operations/names.ts';
import { stackName } from '../stack-name.ts';
import { generatedNames, ownIdentity } from './own-names.ts';
import { arnsOf, type Place } from './place.ts';
import { actionsOf, allow, type PolicyDocument, type PolicyStatement, policyDocument } from './policy-document.ts';

/**
 * What CloudFormation's resource types take besides, mostly to read back what they made: the `handlers` of their schemas
 * list it. All of it is about resources of the environment.
 *
 * @see https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
 */
const unseen = {
  iam: ['GetRole', 'GetRolePolicy', 'ListAttachedRolePolicies', 'ListRolePolicies', 'UntagRole', 'UpdateRole'],
  lambda: [
    'DeleteFunctionConcurrency',
    'GetFunctionCodeSigningConfig',
    'GetFunctionConfiguration',
    'GetFunctionEventInvokeConfig',
    'GetFunctionRecursionConfig',
    'GetPolicy',
    'GetRuntimeManagementConfig',
    'ListTags',
    'UpdateFunctionEventInvokeConfig',
  ],
  logs: ['DeleteRetentionPolicy', 'DescribeLogGroups', 'ListTagsForResource'],
  sqs: ['GetQueueUrl', 'ListQueueTags'],
  cloudwatch: ['DescribeAlarms', 'ListTagsForResource'],
  dashboard: ['GetDashboard'],
  metricFilter: ['DescribeMetricFilters'],
  sns: [
    'GetDataProtectionPolicy',
    'GetSubscriptionAttributes',
    'GetTopicAttributes',
    'ListSubscriptionsByTopic',
    'ListTagsForResource',
  ],
  events: ['DescribeRule', 'ListTargetsByRule', 'ListTagsForResource'],
} as const;

/**
 * What CloudFormation needs to create, update and delete the stacks of an environment, as its execution role of
 * `cdk bootstrap --cloudformation-execution-policies`. A role can be made, and given permissions, with the boundary only.
 *
 * @param boundaryArn ARN of the permissions boundary
 */
export function cloudFormationExecutionPolicy(
  environment: Environment,
  place: Place,
  boundaryArn: string,
): PolicyDocument {
  const arns = arnsOf(place);
  const names = generatedNames(environment);
  const runtime = arns.runtime(environment.runtimeName);
  const inNetwork = conditionOfNetwork(environment);
  const statements = [
    ...roles(arns.iam(`role${environment.rolePath ?? '/'}${names}`), boundaryArn),
    ...handler(environment, place),
    // AWS gives it no resource to narrow it to.
    allow('CreateRuntime', ['bedrock-agentcore:CreateAgentRuntime'], ['*'], inNetwork),
    allow(
      'ManageRuntime',
      actionsOf('bedrock-agentcore', 'DeleteAgentRuntime', 'GetAgentRuntime', 'UpdateAgentRuntime'),
      [runtime],
      inNetwork,
    ),
    allow(
      'ManageWorkloadIdentity',
      actionsOf('bedrock-agentcore', 'CreateWorkloadIdentity', 'DeleteWorkloadIdentity'),
      [arns.workloadIdentityDirectory, arns.workloadIdentity(ownIdentity(environment))],
    ),
    ...partsOfRuntime(environment, place),
    ...operations(environment, place),
    allow('ReadOtherStack', ['cloudformation:DescribeStacks'], [arns.stack(stackName(environment, 'identity'))]),
  ];
  return policyDocument(...statements.map(withTagging));
}

/**
 * What tagging takes beside managing, by the statement that allows that: also where there are no tags, since the last of
 * them is taken away by a deployment of settings that have none. Roles are not among them: they are tagged in any
 * case, as the policies of other accounts know them by a tag.
 */
const tagging: Readonly<Record<string, readonly string[]>> = {
  ManageFunction: actionsOf('lambda', 'TagResource', 'UntagResource'),
  ManageLogGroup: actionsOf('logs', 'TagResource', 'UntagResource'),
  ManageQueue: actionsOf('sqs', 'TagQueue', 'UntagQueue'),
  ManageAlarm: actionsOf('cloudwatch', 'TagResource', 'UntagResource'),
  ManageRule: actionsOf('events', 'TagResource', 'UntagResource'),
  ManageDashboard: actionsOf('cloudwatch', 'TagResource', 'UntagResource'),
  ManageTopic: actionsOf('sns', 'TagResource', 'UntagResource'),
  ManageRuntime: actionsOf('bedrock-agentcore', 'ListTagsForResource', 'TagResource', 'UntagResource'),
  // Nothing but its tags is ever updated.
  ManageWorkloadIdentity: actionsOf(
    'bedrock-agentcore',
    'GetWorkloadIdentity',
    'ListTagsForResource',
    'TagResource',
    'UntagResource',
    'UpdateWorkloadIdentity',
  ),
};

function withTagging(statement: PolicyStatement): PolicyStatement {
  return { ...statement, Action: [...statement.Action, ...(tagging[statement.Sid] ?? [])] };
}

/**
 * What AgentCore may make of its own together with a runtime.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/service-linked-roles.html
 */
function partsOfRuntime({ runtimeName, network }: Environment, place: Place): PolicyStatement[] {
  const arns = arnsOf(place);
  const runtime = arns.runtimeById(runtimeName);
  return [
    allow('MakeEndpoint', actionsOf('bedrock-agentcore', 'CreateAgentRuntimeEndpoint'), [runtime]),
    allow(
      'ManageLiveEndpoint',
      actionsOf(
        'bedrock-agentcore',
        'DeleteAgentRuntimeEndpoint',
        'GetAgentRuntimeEndpoint',
        'UpdateAgentRuntimeEndpoint',
      ),
      [runtime, `${runtime}/runtime-endpoint/${liveEndpoint}`],
    ),
    allow('MakeIdentityOfRuntime', actionsOf('bedrock-agentcore', 'CreateWorkloadIdentity'), [
      arns.workloadIdentityDirectory,
      arns.workloadIdentity(`${runtimeName}-*`),
    ]),
    makeServiceLinkedRoles(place, network ? ['RuntimeIdentity', 'Network'] : ['RuntimeIdentity']),
  ];
}

const serviceOf = { RuntimeIdentity: 'runtime-identity', Network: 'network' } as const;

function makeServiceLinkedRoles(place: Place, roles: readonly (keyof typeof serviceOf)[]): PolicyStatement {
  const services = roles.map((role) => `${serviceOf[role]}.bedrock-agentcore.amazonaws.com`);
  const [service = '', ...others] = services;
  return allow(
    'MakeServiceLinkedRole',
    actionsOf('iam', 'CreateServiceLinkedRole'),
    roles.map((role, index) =>
      arnsOf(place).iam(`role/aws-service-role/${services[index]}/AWSServiceRoleForBedrockAgentCore${role}`),
    ),
    { StringEquals: { 'iam:AWSServiceName': others.length > 0 ? services : service } },
  );
}

/**
 * A runtime of an environment in a VPC joins these subnets and security groups and no others.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/security-vpc-condition.html
 */
function conditionOfNetwork({ network }: Environment): PolicyStatement['Condition'] {
  if (!network) return undefined;
  const { subnets, securityGroups } = network;
  return {
    'ForAllValues:StringEquals': {
      'bedrock-agentcore:subnets': subnets,
      'bedrock-agentcore:securityGroups': securityGroups,
    },
  };
}

/** What an environment with alarms has besides; without them, CloudFormation may have to delete it. */
function operations(environment: Environment, place: Place): PolicyStatement[] {
  const arns = arnsOf(place);
  return [
    allow('ManageMetricFilter', actionsOf('logs', 'DeleteMetricFilter', 'PutMetricFilter', ...unseen.metricFilter), [
      arns.logGroup(`${logGroupsOfRuntimes}${environment.runtimeName}-*`),
    ]),
    allow('ManageDashboard', actionsOf('cloudwatch', 'DeleteDashboards', 'PutDashboard', ...unseen.dashboard), [
      arns.dashboard(dashboardName(environment, place.region)),
    ]),
    allow(
      'ManageTopic',
      actionsOf('sns', 'CreateTopic', 'DeleteTopic', 'SetTopicAttributes', 'Subscribe', 'Unsubscribe', ...unseen.sns),
      [arns.arn('sns', alarmTopicName(environment))],
    ),
  ];
}

function roles(role: string, boundaryArn: string): PolicyStatement[] {
  const bounded = { StringEquals: { 'iam:PermissionsBoundary': boundaryArn } };
  const passedTo = (sid: string, service: string) =>
    allow(sid, ['iam:PassRole'], [role], { StringEquals: { 'iam:PassedToService': service } });
  return [
    allow(
      'ManageBoundedRoles',
      actionsOf('iam', 'CreateRole', 'DeleteRole', 'DeleteRolePolicy', 'PutRolePermissionsBoundary', 'PutRolePolicy'),
      [role],
      bounded,
    ),
    allow('ManageRoles', actionsOf('iam', ...unseen.iam, 'TagRole', 'UpdateAssumeRolePolicy'), [role]),
    passedTo('PassExecutionRole', 'bedrock-agentcore.amazonaws.com'),
    passedTo('PassHandlerRole', 'lambda.amazonaws.com'),
  ];
}

/** The Lambda function of the credential provider, and what is around it. */
function handler(environment: Environment, place: Place): PolicyStatement[] {
  const { arn, assetsOfFiles } = arnsOf(place);
  const names = generatedNames(environment);
  const lambda = arn('lambda', `function:${names}`);
  return [
    // AgentCore reads the agent's with it too, where the artifact is code.
    allow('ReadCode', ['s3:GetObject'], [assetsOfFiles]),
    allow(
      'ManageFunction',
      actionsOf(
        'lambda',
        'CreateFunction',
        'DeleteFunction',
        'DeleteFunctionEventInvokeConfig',
        'GetFunction',
        'InvokeFunction',
        'PutFunctionConcurrency',
        'PutFunctionEventInvokeConfig',
        'RemovePermission',
        'UpdateFunctionCode',
        'UpdateFunctionConfiguration',
        ...unseen.lambda,
      ),
      [lambda],
    ),
    allow('LetRuleInvoke', ['lambda:AddPermission'], [lambda], {
      StringEquals: { 'lambda:Principal': 'events.amazonaws.com' },
    }),
    allow(
      'ManageLogGroup',
      actionsOf(
        'logs',
        'AssociateKmsKey',
        'CreateLogGroup',
        'DeleteLogGroup',
        'DisassociateKmsKey',
        'PutRetentionPolicy',
        ...unseen.logs,
      ),
      [arn('logs', `log-group:${names}`)],
    ),
    allow(
      'ManageQueue',
      actionsOf('sqs', 'CreateQueue', 'DeleteQueue', 'GetQueueAttributes', 'SetQueueAttributes', ...unseen.sqs),
      [arn('sqs', names)],
    ),
    allow('ManageAlarm', actionsOf('cloudwatch', 'DeleteAlarms', 'PutMetricAlarm', ...unseen.cloudwatch), [
      arn('cloudwatch', `alarm:${names}`),
    ]),
    allow('ManageRule', actionsOf('events', 'DeleteRule', 'PutRule', 'PutTargets', 'RemoveTargets', ...unseen.events), [
      arn('events', `rule/${names}`),
    ]),
  ];
}
