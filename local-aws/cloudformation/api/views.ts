import type {
  Change,
  DescribeChangeSetOutput,
  Parameter,
  Stack as StackDescription,
  StackEvent,
  StackResource,
  StackResourceSummary,
  StackSummary,
  Tag,
} from '@aws-sdk/client-cloudformation';
import type { ChangeSet, PlannedChange } from '../change-set.ts';
import type { Configuration, RecordedEvent, ResourceRecord, Stack } from '../stack.ts';

/** A stack as `DescribeStacks` shows it. */
export function describeStack(stack: Stack): StackDescription {
  const { configuration } = stack;
  return {
    StackId: stack.id,
    StackName: stack.name,
    ChangeSetId: stack.changeSetId,
    Description: configuration?.template.Description,
    Parameters: parametersOf(configuration),
    CreationTime: stack.created,
    LastUpdatedTime: stack.lastUpdated,
    DeletionTime: stack.deleted,
    RollbackConfiguration: {},
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DisableRollback: stack.disableRollback,
    NotificationARNs: [],
    Capabilities: [...(configuration?.capabilities ?? [])] as StackDescription['Capabilities'],
    Outputs: stack.outputs.map(({ key, value, description, exportName }) => ({
      OutputKey: key,
      OutputValue: value,
      Description: description,
      ExportName: exportName,
    })),
    RoleARN: stack.roleArn,
    Tags: tagsOf(configuration),
    EnableTerminationProtection: stack.terminationProtection,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  };
}

/** A stack as `ListStacks` shows it. */
export function summarizeStack(stack: Stack): StackSummary {
  return {
    StackId: stack.id,
    StackName: stack.name,
    TemplateDescription: stack.configuration?.template.Description,
    CreationTime: stack.created,
    LastUpdatedTime: stack.lastUpdated,
    DeletionTime: stack.deleted,
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  };
}

/** An event as `DescribeStackEvents` shows it. */
export function describeEvent(stack: Stack, event: RecordedEvent): StackEvent {
  return {
    StackId: stack.id,
    EventId: event.id,
    StackName: stack.name,
    OperationId: event.operationId,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId,
    ResourceType: event.type,
    Timestamp: event.timestamp,
    ResourceStatus: event.status,
    ResourceStatusReason: event.reason,
    ResourceProperties: event.properties,
    ClientRequestToken: event.clientRequestToken,
  };
}

/** A resource as `DescribeStackResources` shows it. */
export function describeResource(stack: Stack, record: ResourceRecord): StackResource {
  return {
    StackName: stack.name,
    StackId: stack.id,
    LogicalResourceId: record.logicalId,
    PhysicalResourceId: record.physicalId,
    ResourceType: record.type,
    Timestamp: record.lastUpdated,
    ResourceStatus: record.status,
    ResourceStatusReason: record.statusReason,
    DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
  };
}

/** A resource as `ListStackResources` shows it. */
export function summarizeResource(record: ResourceRecord): StackResourceSummary {
  return {
    LogicalResourceId: record.logicalId,
    PhysicalResourceId: record.physicalId,
    ResourceType: record.type,
    LastUpdatedTimestamp: record.lastUpdated,
    ResourceStatus: record.status,
    ResourceStatusReason: record.statusReason,
    DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
  };
}

/** A change set as `DescribeChangeSet` shows it. */
export function describeChangeSet(stack: Stack, changeSet: ChangeSet, withValues: boolean): DescribeChangeSetOutput {
  const { configuration } = changeSet;
  return {
    ChangeSetName: changeSet.name,
    ChangeSetId: changeSet.id,
    StackId: stack.id,
    StackName: stack.name,
    Description: changeSet.description,
    Parameters: parametersOf(configuration),
    CreationTime: changeSet.created,
    ExecutionStatus: changeSet.executionStatus,
    Status: changeSet.status,
    StatusReason: changeSet.statusReason,
    NotificationARNs: [],
    RollbackConfiguration: {},
    Capabilities: [...configuration.capabilities] as DescribeChangeSetOutput['Capabilities'],
    Tags: tagsOf(configuration),
    Changes: changeSet.changes.map((change) => describeChange(change, withValues)),
    IncludeNestedStacks: false,
    OnStackFailure: changeSet.onFailure,
  };
}

function describeChange(change: PlannedChange, withValues: boolean): Change {
  const { before, after } = change;
  return {
    Type: 'Resource',
    ResourceChange: {
      PolicyAction: change.policyAction,
      Action: change.action,
      LogicalResourceId: change.logicalId,
      PhysicalResourceId: change.physicalId,
      ResourceType: change.type,
      Replacement: change.replacement,
      Scope: [...change.scope],
      Details: change.details.map((detail) => (withValues ? detail : withoutValues(detail))),
      ...(withValues && before !== undefined ? { BeforeContext: JSON.stringify(before) } : {}),
      ...(withValues && after !== undefined ? { AfterContext: JSON.stringify(after) } : {}),
    },
  };
}

function withoutValues(detail: PlannedChange['details'][number]): PlannedChange['details'][number] {
  const { Attribute, Name, RequiresRecreation } = detail.Target ?? {};
  return { ...detail, Target: { Attribute, Name, RequiresRecreation } };
}

/** Parameters as calls show them: the values of NoEcho parameters are masked. */
export function parametersOf(configuration: Configuration | undefined): Parameter[] {
  return [...(configuration?.parameters ?? [])].map(([name, { given, noEcho, resolved }]) => ({
    ParameterKey: name,
    ParameterValue: noEcho ? '****' : given,
    ResolvedValue: noEcho ? undefined : resolved,
  }));
}

function tagsOf(configuration: Configuration | undefined): Tag[] {
  return Object.entries(configuration?.tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
}
