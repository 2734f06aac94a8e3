import { join } from 'node:path';
import { ArnFormat, CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, type IDependable } from 'constructs';
import { handlerCode } from '../../custom-resource/handler-code.ts';
import { functionArn, handlerSettings, lambdaAs, writeLogs } from '../../custom-resource/handler-function.ts';
import { stableName } from '../../custom-resource/stable-name.ts';
import { serviceTimeout } from '../../custom-resource/timeouts.ts';
import type { Environment } from '../../environments/index.ts';
import {
  logGroupsOfRuntimes,
  type RuntimeLogGroupsProperties,
  type RuntimeLogGroupsRemovalProperties,
  resourceTypes,
} from './resource-properties.ts';

/**
 * Gives the log groups of a runtime retention, key and tags. AgentCore makes them at the first invocation, which may come
 * before or after the deployment; a log group of CloudFormation's own would fail where there is one.
 *
 * Make it before the runtime, let the runtime depend on `beforeRuntime`, and call `settle` when there is a runtime.
 */
export class RuntimeLogGroups extends Construct {
  /** Deletes the log groups when the stack goes, after the runtime has stopped writing; not those of `production`. */
  readonly beforeRuntime: IDependable;
  readonly #environment: Environment;
  readonly #handler: LambdaFunction;
  readonly #role: Role;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    this.#environment = environment;
    const { runtimeName, production } = environment;
    const prefix = `${logGroupsOfRuntimes}${runtimeName}-`;
    const logGroup = new LogGroup(this, 'HandlerLogs', { removalPolicy: RemovalPolicy.DESTROY });
    const functionName = stableName(this);
    this.#role = new Role(this, 'HandlerRole', {
      description: `Manages the log groups of the agent runtime ${runtimeName}`,
      assumedBy: lambdaAs(functionArn(this, functionName)),
    });
    for (const statement of [...manage(this, prefix, production), writeLogs(this, logGroup)]) {
      this.#role.addToPolicy(statement);
    }
    this.#handler = new LambdaFunction(this, 'Handler', {
      functionName,
      description: `Sets retention, key and tags of the log groups of the agent runtime ${runtimeName}`,
      ...handlerSettings,
      code: handlerCode('log-groups-handler', join(import.meta.dirname, 'handler')),
      role: this.#role.withoutPolicyUpdates(),
      logGroup,
    });
    this.beforeRuntime = this.#resource('Removal', resourceTypes.removal, {
      LogGroupNamePrefix: prefix,
      OnDelete: production ? 'Retain' : 'Delete',
    } satisfies RuntimeLogGroupsRemovalProperties);
  }

  /**
   * @param runtimeId of the runtime, with the suffix that AgentCore gives it
   * @param endpoints of the runtime: each has a log group
   * @returns what must exist before anything else is made of the log groups
   */
  settle(runtimeId: string, endpoints: readonly string[]): IDependable {
    const { logRetentionDays, logEncryptionKeyArn, tags } = this.#environment;
    return this.#resource('Settings', resourceTypes.logGroups, {
      LogGroupNames: endpoints.map((endpoint) => logGroupName(runtimeId, endpoint)),
      RetentionInDays: String(logRetentionDays),
      ...(logEncryptionKeyArn && { KmsKeyArn: logEncryptionKeyArn }),
      ...(Object.keys(tags).length > 0 && { Tags: JSON.stringify(tags) }),
    } satisfies RuntimeLogGroupsProperties);
  }

  #resource(id: string, resourceType: string, properties: object): CustomResource {
    const resource = new CustomResource(this, id, {
      resourceType,
      serviceToken: this.#handler.functionArn,
      serviceTimeout: Duration.seconds(serviceTimeout),
      properties: { ...properties },
    });
    resource.node.addDependency(this.#role);
    return resource;
  }
}

/** The log group that AgentCore has for an endpoint of a runtime. */
export function logGroupName(runtimeId: string, endpoint: string): string {
  return `${logGroupsOfRuntimes}${runtimeId}-${endpoint}`;
}

function manage(scope: Construct, prefix: string, isKept: boolean): PolicyStatement[] {
  const logGroups = (name: string) =>
    Stack.of(scope).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: name,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  const own = [logGroups(`${prefix}*`)];
  const settings = new PolicyStatement({
    sid: 'SetLogGroups',
    actions: [
      'logs:AssociateKmsKey',
      'logs:CreateLogGroup',
      'logs:DisassociateKmsKey',
      'logs:PutRetentionPolicy',
      'logs:TagResource',
      'logs:UntagResource',
    ],
    resources: own,
  });
  if (isKept) return [settings];
  return [
    settings,
    new PolicyStatement({
      sid: 'RemoveLogGroups',
      actions: ['logs:DeleteLogGroup', 'logs:ListTagsForResource'],
      resources: own,
    }),
    // AWS gives this action no resource to narrow it to.
    new PolicyStatement({ sid: 'FindLogGroups', actions: ['logs:DescribeLogGroups'], resources: ['*'] }),
  ];
}
