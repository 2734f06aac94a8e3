import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnTopic } from 'aws-cdk-lib/aws-sns';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { Construct, IConstruct } from 'constructs';
import { logGroupsOfRuntimes } from '../agent-runtime/log-groups/resource-properties.ts';
import { agentCoreArns } from '../agentcore-arns.ts';
import type { Environment } from '../environments/index.ts';
import type { IdentityStack } from '../identity-stack.ts';
import type { DeployedCredential } from '../outbound-credentials.ts';

/** Findings of one resource, each with the reason why AWS, or the account, leaves no choice. */
type Reasons = Readonly<Record<string, string>>;

const inlinePolicy: Reasons = {
  'NIST.800.53.R5-IAMNoInlinePolicy':
    'It belongs to one role and goes with it. A managed policy can be attached to others, and holds 6,144 characters instead of 10,240.',
};

/**
 * Everything that the checks find and that stays: the policy of the execution role, and of each custom resource's handler
 * three resources and an alarm at most. A wildcard is accepted by the exact resource that
 * it stands in; any other is a finding. What an environment's settings can mend is accepted only where they do not.
 */
export function acceptFindings(parts: {
  readonly environment: Environment;
  readonly identity: IdentityStack;
  readonly agent: Stack;
}): void {
  const { environment, identity, agent } = parts;
  const runtime = agent.node.findChild('Agent');
  const role = runtime.node.findChild('ExecutionRole');
  accept(theOnly(role, CfnPolicy), { ...inlinePolicy, ...wildcards(agent, ofExecutionRole(agent, environment)) });
  acceptFindingsOfLogGroups(environment, runtime.node.findChild('LogGroups'));
  accept(agent, {
    'CloudFormation-Validate::W1030':
      'LiveVersion is empty before the first release, and the endpoint that it is for has a condition: it is not made then.',
  });
  for (const credential of identity.credentials) acceptFindingsOfProvider(environment, credential);
  if (environment.alarms?.email) {
    accept(theOnly(identity, CfnTopic), {
      'NIST.800.53.R5-SNSEncryptedKMS':
        'What an alarm says is no secret. The key of SNS does not let CloudWatch publish, and one of our own costs more than the topic; "topicArn" takes a topic that has one.',
    });
  }
}

function acceptFindingsOfProvider(environment: Environment, credential: DeployedCredential): void {
  const { provider } = credential;
  accept(theOnly(provider, CfnPolicy), { ...inlinePolicy, ...wildcards(provider.stack, ofHandler(credential)) });
  acceptFindingsOfHandler(environment, provider);
  if (!environment.alarms) {
    accept(theOnly(provider, CfnAlarm), {
      'NIST.800.53.R5-CloudWatchAlarmAction':
        'Without "alarms" there is nobody to tell; its changes are on the default event bus all the same.',
    });
  }
}

/** The Lambda function behind a custom resource, and its log group. */
function acceptFindingsOfHandler(environment: Environment, resource: IConstruct): void {
  accept(theOnly(resource, CfnFunction), {
    'NIST.800.53.R5-LambdaInsideVPC':
      'It calls AWS APIs only, over TLS and signed. There is no network of ours to put it in, and AgentCore and CloudFormation must be reached.',
    ...(!environment.production && {
      'NIST.800.53.R5-LambdaConcurrency':
        'New accounts have a quota of 10, of which Lambda lets nothing be reserved: the first deployment would fail. "production" reserves.',
    }),
  });
  if (!environment.logEncryptionKeyArn) {
    accept(theOnly(resource, CfnLogGroup), {
      'NIST.800.53.R5-CloudWatchLogGroupEncrypted':
        'Without "logEncryptionKeyArn" there is no key but the one that CloudWatch Logs encrypts every log group with.',
    });
  }
}

function acceptFindingsOfLogGroups(environment: Environment, logGroups: IConstruct): void {
  const stack = Stack.of(logGroups);
  accept(theOnly(logGroups, CfnPolicy), {
    ...inlinePolicy,
    ...wildcards(stack, ofLogGroupsHandler(stack, logGroups, environment)),
  });
  acceptFindingsOfHandler(environment, logGroups);
  accept(theOnly(logGroups, CfnFunction), {
    'NIST.800.53.R5-LambdaDLQ':
      'CloudFormation waits for its answer, and says itself that none has come: nothing would read the queue.',
  });
}

function ofLogGroupsHandler(stack: Stack, logGroups: IConstruct, environment: Environment): Reasons {
  return {
    [arn(stack, 'logs', 'log-group', `${logGroupsOfRuntimes}${environment.runtimeName}-*`)]:
      'AWS adds a suffix to the name of the runtime, and the role must be there before the runtime is.',
    ...(!environment.production && {
      '*': 'AWS gives logs:DescribeLogGroups no resource to narrow it to.',
    }),
    [arn(stack, 'logs', 'log-group', `${theOnly(logGroups, CfnLogGroup).ref}:log-stream:*`)]:
      'Lambda names the streams of a log group itself.',
  };
}

function ofHandler({ provider: scope, source }: DeployedCredential): Reasons {
  const copies = (name: string) =>
    arn(scope, 'secretsmanager', 'secret', `bedrock-agentcore-identity!default/apikey/${name}`);
  return {
    [agentCoreArns(scope).credentialProvider('*')]:
      'A provider that was replaced is known by its tags only: reading is allowed for all, writing where the tag is ours.',
    [arn(scope, 'logs', 'log-group', `${theOnly(scope, CfnLogGroup).ref}:log-stream:*`)]:
      'Lambda names the streams of a log group itself.',
    [copies('*')]:
      'AgentCore deletes the copy of a replaced provider with our permissions; in calls of our own the condition is false.',
    ...(source === 'copy' && {
      [copies(`${scope.credentialProviderName}-??????`)]:
        'AgentCore names the copy of a key itself, with a suffix that nobody knows before.',
    }),
  };
}

function ofExecutionRole(scope: Construct, { runtimeName, artifact, tracing }: Environment): Reasons {
  const logGroups = arn(scope, 'logs', 'log-group', `${logGroupsOfRuntimes}${runtimeName}-*`);
  const suffix = 'AWS adds a suffix to the name of the runtime, and the role must be there before the runtime is.';
  return {
    [agentCoreArns(scope).workloadIdentityOfRuntime(runtimeName)]: suffix,
    [logGroups]: suffix,
    [`${logGroups}:log-stream:*`]: suffix,
    [arn(scope, 'logs', 'log-group', '*')]: 'logs:DescribeLogGroups is authorized against all log groups.',
    ...((artifact === 'container' || tracing !== 'off') && {
      '*': 'AWS gives ecr:GetAuthorizationToken, xray:PutSpans and xray:PutTraceSegments no resource to narrow them to.',
    }),
  };
}

/** Findings of wildcards, as the checks name them, by the resources in the policy. */
function wildcards(stack: Stack, reasons: Reasons): Reasons {
  return Object.fromEntries(
    Object.entries(reasons).map(([resource, reason]) => [
      `AwsSolutions-IAM5[Resource::${flattenCfnReference(stack.resolve(resource))}]`,
      reason,
    ]),
  );
}

function arn(scope: Construct, service: string, resource: string, resourceName: string): string {
  return Stack.of(scope).formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}

function accept(resource: IConstruct, reasons: Reasons): void {
  for (const [id, reason] of Object.entries(reasons)) {
    // As `Validations.acknowledge` does, which would write the stack of its caller along: paths of this checkout. With
    // the name of the plugin in front, the report lists what was accepted.
    const named = id.includes('::') ? id : `${id.slice(0, id.indexOf('-'))}::${id}`;
    resource.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, { [named]: reason });
  }
}

function theOnly<T extends IConstruct>(scope: IConstruct, type: abstract new (...args: never[]) => T): T {
  const [found, ...others] = scope.node.findAll().filter((each): each is T & IConstruct => each instanceof type);
  if (!found || others.length > 0) throw new Error(`${scope.node.path} has not exactly one ${type.name}.`);
  return found;
}
