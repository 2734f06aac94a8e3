import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeSetSummary, TemplateStage } from '@aws-sdk/client-cloudformation';
import type { Aws } from '../aws.ts';
import { AwsError, notSupported } from '../errors.ts';
import { queryService } from '../http/query.ts';
import type { Call, Operation, Service } from '../service.ts';
import {
  flag,
  type Input,
  parameterInputs,
  refuseUnsupported,
  requiredText,
  tagInputs,
  text,
  texts,
} from './api/input.ts';
import {
  describeChangeSet,
  describeEvent,
  describeResource,
  describeStack,
  summarizeResource,
  summarizeStack,
} from './api/views.ts';
import type { OnFailure } from './engine/run.ts';
import type { Stack } from './stack.ts';
import type { ChangeSetRequest, StackRequest } from './stacks.ts';
import { templateText } from './template/source.ts';
import { parseTemplate, validationError } from './template/template.ts';

const eventsOfPage = 100;

const isCdk = ({ request }: Call) => /(^| )aws-cdk\//.test(request.headers['user-agent'] ?? '');

/** CloudFormation, as the `cdk` command, the AWS CLI and boto3 drive it. */
export function cloudFormationService(aws: Aws): Service {
  const { stacks } = aws;

  const authorizeOn = (call: Call, action: string, stackName: string | undefined) => {
    const everyStack = `arn:${aws.partition}:cloudformation:${call.region}:${aws.account}:stack/*/*`;
    call.authorize(
      `cloudformation:${action}`,
      stackName === undefined ? everyStack : stacks.arnOf(call.region, stackName),
    );
  };
  const stackOf = (input: Input, call: Call, action: string): Stack => {
    const stackName = requiredText(input, 'StackName');
    authorizeOn(call, action, stackName);
    return stacks.get(call.region, stackName);
  };
  const templateOf = (input: Input, call: Call): string =>
    templateText(
      aws,
      { ...optional('body', text(input, 'TemplateBody')), ...optional('url', text(input, 'TemplateURL')) },
      call.authorize,
    );
  const stackRequest = (input: Input, call: Call): StackRequest => {
    refuseUnsupported(input);
    const roleArn = text(input, 'RoleARN');
    if (roleArn !== undefined) {
      call.authorize('iam:PassRole', roleArn, { 'iam:PassedToService': 'cloudformation.amazonaws.com' });
    }
    return {
      region: call.region,
      stackName: requiredText(input, 'StackName'),
      caller: call.caller,
      ...(flag(input, 'UsePreviousTemplate') ? {} : { templateBody: templateOf(input, call) }),
      parameters: parameterInputs(input),
      capabilities: texts(input, 'Capabilities') ?? [],
      ...optional('tags', tagInputs(input)),
      ...optional('roleArn', roleArn),
      ...optional('clientRequestToken', text(input, 'ClientRequestToken')),
    };
  };
  const changeSetOf = (input: Input, call: Call, action: string) => {
    const name = requiredText(input, 'ChangeSetName');
    const stackName = text(input, 'StackName');
    if (stackName !== undefined) authorizeOn(call, action, stackName);
    const found = stacks.changeSet(call.region, name, stackName);
    if (stackName === undefined) authorizeOn(call, action, found.stack.id);
    return found;
  };

  const operations: Record<string, Operation> = {
    CreateChangeSet(input: Input, call) {
      const stackName = requiredText(input, 'StackName');
      authorizeOn(call, 'CreateChangeSet', stackName);
      const type = text(input, 'ChangeSetType') ?? 'UPDATE';
      if (type !== 'CREATE' && type !== 'UPDATE') throw notSupported(`change sets of the type ${type}`);
      const request: ChangeSetRequest = {
        ...stackRequest(input, call),
        changeSetName: requiredText(input, 'ChangeSetName'),
        type,
        ...optional('description', text(input, 'Description')),
        ...optional('clientToken', text(input, 'ClientToken')),
        ...optional('onFailure', onFailureOf(text(input, 'OnStackFailure'))),
        ...optional('importExistingResources', flag(input, 'ImportExistingResources')),
      };
      checkName('stackName', stackName, 128);
      checkName('changeSetName', request.changeSetName, 128);
      const { stack, changeSet } = stacks.createChangeSet(request);
      return { Id: changeSet.id, StackId: stack.id };
    },
    DescribeChangeSet(input: Input, call) {
      const { stack, changeSet } = changeSetOf(input, call, 'DescribeChangeSet');
      return describeChangeSet(stack, changeSet, flag(input, 'IncludePropertyValues') ?? false);
    },
    ExecuteChangeSet(input: Input, call) {
      const { stack, changeSet } = changeSetOf(input, call, 'ExecuteChangeSet');
      stacks.executeChangeSet(stack, changeSet, {
        caller: call.caller,
        ...optional('disableRollback', flag(input, 'DisableRollback')),
        ...optional('clientRequestToken', text(input, 'ClientRequestToken')),
      });
      return {};
    },
    DeleteChangeSet(input: Input, call) {
      const name = requiredText(input, 'ChangeSetName');
      const stackName = text(input, 'StackName');
      authorizeOn(call, 'DeleteChangeSet', stackName);
      if (stackName !== undefined) stacks.get(call.region, stackName);
      try {
        const { stack, changeSet } = stacks.changeSet(call.region, name, stackName);
        stack.changeSets.delete(changeSet.name);
      } catch (error) {
        // AWS answers that a change set which is not there has been deleted.
        if (!(error instanceof AwsError && error.code === 'ChangeSetNotFound')) throw error;
      }
      return {};
    },
    ListChangeSets(input: Input, call) {
      const stack = stackOf(input, call, 'ListChangeSets');
      const summaries: ChangeSetSummary[] = [...stack.changeSets.values()].map((changeSet) => ({
        StackId: stack.id,
        StackName: stack.name,
        ChangeSetId: changeSet.id,
        ChangeSetName: changeSet.name,
        ExecutionStatus: changeSet.executionStatus,
        Status: changeSet.status,
        StatusReason: changeSet.statusReason,
        CreationTime: changeSet.created,
        Description: changeSet.description,
      }));
      return { Summaries: summaries };
    },
    /** The CLI asks for the hooks that failed a change set: there are none here. */
    ListHookResults(input: Input, call) {
      call.authorize('cloudformation:ListHookResults', '*');
      return { TargetType: text(input, 'TargetType'), TargetId: text(input, 'TargetId'), HookResults: [] };
    },
    /** The CLI asks for the validations that failed a change set: they are all in its StatusReason here. */
    DescribeEvents(input: Input, call) {
      if (text(input, 'ChangeSetName') === undefined) throw notSupported('DescribeEvents without ChangeSetName');
      changeSetOf(input, call, 'DescribeEvents');
      return { OperationEvents: [] };
    },

    CreateStack(input: Input, call) {
      const stackName = requiredText(input, 'StackName');
      authorizeOn(call, 'CreateStack', stackName);
      checkName('stackName', stackName, 128);
      const onFailure = onFailureOf(text(input, 'OnFailure'));
      if (onFailure !== undefined && input.DisableRollback !== undefined) {
        throw validationError('You can specify either DisableRollback or OnFailure, but not both.');
      }
      const stack = stacks.createStack({
        ...stackRequest(input, call),
        ...optional('onFailure', flag(input, 'DisableRollback') ? ('DO_NOTHING' as const) : onFailure),
        ...optional('terminationProtection', flag(input, 'EnableTerminationProtection')),
      });
      return { StackId: stack.id };
    },
    UpdateStack(input: Input, call) {
      authorizeOn(call, 'UpdateStack', requiredText(input, 'StackName'));
      const stack = stacks.updateStack({
        ...stackRequest(input, call),
        ...optional('onFailure', flag(input, 'DisableRollback') ? ('DO_NOTHING' as const) : undefined),
      });
      return { StackId: stack.id };
    },
    DeleteStack(input: Input, call) {
      const stackName = requiredText(input, 'StackName');
      authorizeOn(call, 'DeleteStack', stackName);
      refuseUnsupported(input);
      if (text(input, 'DeletionMode') === 'FORCE_DELETE_STACK')
        throw notSupported('the deletion mode FORCE_DELETE_STACK');
      const roleArn = text(input, 'RoleARN');
      if (roleArn !== undefined) {
        call.authorize('iam:PassRole', roleArn, { 'iam:PassedToService': 'cloudformation.amazonaws.com' });
      }
      stacks.deleteStack(stacks.find(call.region, stackName), {
        caller: call.caller,
        retain: texts(input, 'RetainResources') ?? [],
        ...optional('roleArn', roleArn),
        ...optional('clientRequestToken', text(input, 'ClientRequestToken')),
      });
      return {};
    },
    RollbackStack(input: Input, call) {
      const stack = stackOf(input, call, 'RollbackStack');
      stacks.rollBack(stack, { caller: call.caller, continues: false, ...optional('roleArn', text(input, 'RoleARN')) });
      return { StackId: stack.id };
    },
    ContinueUpdateRollback(input: Input, call) {
      const stack = stackOf(input, call, 'ContinueUpdateRollback');
      if (flag(input, 'ForceRollback')) throw notSupported('ForceRollback');
      stacks.rollBack(stack, {
        caller: call.caller,
        continues: true,
        skip: texts(input, 'ResourcesToSkip') ?? [],
        ...optional('roleArn', text(input, 'RoleARN')),
      });
      return {};
    },
    UpdateTerminationProtection(input: Input, call) {
      const stack = stackOf(input, call, 'UpdateTerminationProtection');
      stack.terminationProtection = flag(input, 'EnableTerminationProtection') ?? false;
      return { StackId: stack.id };
    },

    async DescribeStacks(input: Input, call) {
      const stackName = text(input, 'StackName');
      if (stackName !== undefined) {
        const stack = stackOf(input, call, 'DescribeStacks');
        // An operation takes a second or two here, and the command that sees it under way asks again after 5 s only.
        if (stack.inProgress && isCdk(call))
          await Promise.race([stack.running, sleep(30_000, undefined, { ref: false })]);
        return { Stacks: [describeStack(stack)] };
      }
      authorizeOn(call, 'DescribeStacks', undefined);
      const living = stacks.list(call.region).filter(({ status }) => status !== 'DELETE_COMPLETE');
      return { Stacks: living.map(describeStack) };
    },
    ListStacks(input: Input, call) {
      authorizeOn(call, 'ListStacks', undefined);
      const wanted = texts(input, 'StackStatusFilter') ?? [];
      const listed = stacks.list(call.region).filter(({ status }) => wanted.length === 0 || wanted.includes(status));
      return { StackSummaries: listed.map(summarizeStack) };
    },
    DescribeStackEvents(input: Input, call) {
      const stackName = requiredText(input, 'StackName');
      authorizeOn(call, 'DescribeStackEvents', stackName);
      const stack = stacks.find(call.region, stackName);
      if (!stack) throw validationError(`Stack [${stackName}] does not exist`);
      // Pages count from the oldest event, so that they stay in place while new events arrive.
      const end = Number(text(input, 'NextToken') ?? stack.events.length);
      const start = Math.max(0, end - eventsOfPage);
      const page = stack.events.slice(start, end).reverse();
      return {
        StackEvents: page.map((event) => describeEvent(stack, event)),
        ...(start > 0 ? { NextToken: String(start) } : {}),
      };
    },
    DescribeStackResources(input: Input, call) {
      const stack = stackOf(input, call, 'DescribeStackResources');
      const logicalId = text(input, 'LogicalResourceId');
      const records = [...stack.resources.values()].filter(
        (record) => (logicalId ?? record.logicalId) === record.logicalId,
      );
      if (logicalId !== undefined && records.length === 0) throw noResource(logicalId, stack);
      return { StackResources: records.map((record) => describeResource(stack, record)) };
    },
    DescribeStackResource(input: Input, call) {
      const stack = stackOf(input, call, 'DescribeStackResource');
      const logicalId = requiredText(input, 'LogicalResourceId');
      const record = stack.resources.get(logicalId);
      if (!record) throw noResource(logicalId, stack);
      const { Timestamp, ...detail } = describeResource(stack, record);
      return {
        StackResourceDetail: {
          ...detail,
          LastUpdatedTimestamp: Timestamp,
          Metadata: JSON.stringify(record.metadata ?? {}),
        },
      };
    },
    ListStackResources(input: Input, call) {
      const stack = stackOf(input, call, 'ListStackResources');
      return { StackResourceSummaries: [...stack.resources.values()].map(summarizeResource) };
    },
    GetTemplate(input: Input, call) {
      const StagesAvailable: TemplateStage[] = ['Original', 'Processed'];
      if (text(input, 'ChangeSetName') !== undefined) {
        const { changeSet } = changeSetOf(input, call, 'GetTemplate');
        return { TemplateBody: changeSet.configuration.templateBody, StagesAvailable };
      }
      return { TemplateBody: stackOf(input, call, 'GetTemplate').configuration?.templateBody, StagesAvailable };
    },
    GetTemplateSummary(input: Input, call) {
      const stackName = text(input, 'StackName');
      authorizeOn(call, 'GetTemplateSummary', stackName);
      const body =
        stackName === undefined
          ? templateOf(input, call)
          : stacks.get(call.region, stackName).configuration?.templateBody;
      if (body === undefined) throw validationError(`Stack with id ${stackName} does not exist`);
      const template = parseTemplate(body);
      return {
        Description: template.Description,
        Parameters: Object.entries(template.Parameters ?? {}).map(([ParameterKey, definition]) => ({
          ParameterKey,
          ParameterType: definition.Type,
          DefaultValue: definition.Default,
          NoEcho: String(definition.NoEcho) === 'true',
          Description: definition.Description,
          ParameterConstraints: { AllowedValues: (definition.AllowedValues ?? []).map(String) },
        })),
        ResourceTypes: [...new Set(Object.values(template.Resources).map(({ Type }) => Type))],
        Metadata: template.Metadata && JSON.stringify(template.Metadata),
        Version: template.AWSTemplateFormatVersion,
      };
    },
    ListExports(_input: Input, call) {
      call.authorize('cloudformation:ListExports', '*');
      return {
        Exports: stacks.exports(call.region).map(({ name, value, stackId }) => ({
          ExportingStackId: stackId,
          Name: name,
          Value: value,
        })),
      };
    },
    ListImports(input: Input, call) {
      call.authorize('cloudformation:ListImports', '*');
      const name = requiredText(input, 'ExportName');
      const importers = stacks.importersOf(call.region, name);
      if (importers.length === 0) throw validationError(`Export '${name}' is not imported by any stack.`);
      return { Imports: importers };
    },
  };

  const service = queryService({
    signingName: 'cloudformation',
    title: 'CloudFormation',
    xmlNamespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
    operations,
  });
  return {
    ...service,
    // The services of the query protocol call it by this name.
    renderError: ({ code, message, status }, requestId) =>
      service.renderError(
        { code: code === 'AccessDeniedException' ? 'AccessDenied' : code, message, status },
        requestId,
      ),
  };
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: Value });
}

function onFailureOf(value: string | undefined): OnFailure | undefined {
  if (value === undefined || value === 'ROLLBACK' || value === 'DO_NOTHING' || value === 'DELETE') return value;
  throw validationError(
    `1 validation error detected: Value '${value}' at 'onFailure' failed to satisfy constraint: Member must satisfy enum value set: [DELETE, DO_NOTHING, ROLLBACK]`,
  );
}

function checkName(member: string, name: string, maxLength: number): void {
  if (/^[a-zA-Z][-a-zA-Z0-9]*$/.test(name) && name.length <= maxLength) return;
  if (name.startsWith('arn:')) return;
  throw validationError(
    `1 validation error detected: Value '${name}' at '${member}' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
  );
}

function noResource(logicalId: string, stack: Stack): AwsError {
  return validationError(`Resource ${logicalId} does not exist for stack ${stack.name}`);
}
