import { isDeepStrictEqual } from 'node:util';
import type { ResourceAttribute, ResourceChangeDetail } from '@aws-sdk/client-cloudformation';
import type { PlannedChange } from './change-set.ts';
import type { Properties, ResourceProvider } from './resource-provider.ts';
import { type Configuration, maskNoEcho, type ResourceRecord, type Stack } from './stack.ts';
import { isUnknown, knownAfterApply, type Scope } from './template/functions.ts';
import { dependenciesOf, referencesOf } from './template/references.ts';
import { activeResources, type ResourceView } from './template/scope.ts';
import type { ResourceDefinition } from './template/template.ts';

/** What planning needs to know beside the stack. */
export interface PlanInput {
  readonly stack: Stack;
  readonly configuration: Configuration;
  /** The scope of the template, where resources are found by the function given. */
  readonly scope: Scope;
  readonly provider: (type: string) => ResourceProvider | undefined;
  readonly propertiesOf: (definition: ResourceDefinition) => Properties;
  /** Where `scope` looks for resources: planning fills it as it goes. */
  readonly views: Map<string, ResourceView>;
}

/** Tells what a deployment would do to each resource: the heart of a change set. Nothing is changed by it. */
export function planChanges(input: PlanInput): PlannedChange[] {
  const { stack, configuration, scope, views } = input;
  const { template } = configuration;
  const active = activeResources(template, scope);
  const fates = new Map<string, Fate>();
  const changes = new Map<string, PlannedChange>();
  for (const logicalId of inOrder(active, (id) =>
    dependenciesOf(template, template.Resources[id] as ResourceDefinition),
  )) {
    const definition = template.Resources[logicalId] as ResourceDefinition;
    const current = stack.resources.get(logicalId);
    if (current?.physicalId === undefined) {
      fates.set(logicalId, 'new');
      views.set(logicalId, {
        type: definition.Type,
        ref: knownAfterApply,
        attributes: unknownAttributes({}, () => false),
      });
      const after = { Properties: masked(input, input.propertiesOf(definition)) };
      changes.set(logicalId, { action: 'Add', logicalId, type: definition.Type, scope: [], details: [], after });
      continue;
    }
    const change = modification(input, logicalId, definition, current, fates);
    fates.set(logicalId, change === undefined ? 'same' : change.replacement === 'True' ? 'new' : 'changed');
    views.set(logicalId, viewAfter(current, fates.get(logicalId) as Fate));
    if (change) changes.set(logicalId, change);
  }
  const isActive = new Set(active);
  const removed = [...stack.resources.values()].filter(({ logicalId }) => !isActive.has(logicalId));
  return [
    ...active.flatMap((logicalId) => changes.get(logicalId) ?? []),
    ...removed.map((record) => removal(input, record)),
  ];
}

/** `new` also where the resource is replaced: nothing of the old one can be relied on. */
type Fate = 'same' | 'changed' | 'new';

function modification(
  input: PlanInput,
  logicalId: string,
  definition: ResourceDefinition,
  current: ResourceRecord,
  fates: ReadonlyMap<string, Fate>,
): PlannedChange | undefined {
  const provider = input.provider(definition.Type);
  const before = current.properties;
  const after = input.propertiesOf(definition);
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  const details = changed.map((name) => {
    const recreates = provider?.replaceOn.includes(name) === true;
    return propertyDetail(input, definition, name, { before, after, recreates, fates });
  });
  const tagsChanged =
    provider?.properties?.includes('Tags') === true &&
    !isDeepStrictEqual(input.stack.configuration?.tags ?? {}, input.configuration.tags);
  const others = otherAttributes(definition, current, tagsChanged);
  const isRetry = current.status.endsWith('_FAILED');
  if (details.length === 0 && others.length === 0 && !isRetry) return undefined;
  const recreating = details.filter(({ Target }) => Target?.RequiresRecreation === 'Always');
  const isCertain = recreating.some(({ Evaluation }) => Evaluation === 'Static');
  const replacement = isCertain ? 'True' : recreating.length > 0 ? 'Conditional' : 'False';
  const contextOf = (properties: Properties, metadata: unknown) => ({
    Properties: masked(input, properties),
    ...(metadata === undefined ? {} : { Metadata: metadata }),
  });
  return {
    action: 'Modify',
    logicalId,
    ...(current.physicalId === undefined ? {} : { physicalId: current.physicalId }),
    type: definition.Type,
    ...(replacement === 'True'
      ? { policyAction: definition.UpdateReplacePolicy === 'Retain' ? 'ReplaceAndRetain' : 'ReplaceAndDelete' }
      : {}),
    replacement,
    scope: [...(details.length > 0 ? (['Properties'] as const) : []), ...others],
    details: [
      ...details,
      ...others.map((Attribute) => ({
        Target: { Attribute, RequiresRecreation: 'Never' as const },
        Evaluation: 'Static' as const,
        ChangeSource: 'DirectModification' as const,
      })),
    ],
    before: contextOf(before, current.metadata),
    after: contextOf(after, definition.Metadata),
  };
}

function propertyDetail(
  input: PlanInput,
  definition: ResourceDefinition,
  name: string,
  change: { before: Properties; after: Properties; recreates: boolean; fates: ReadonlyMap<string, Fate> },
): ResourceChangeDetail {
  const { before, after, recreates, fates } = change;
  const { names, attributes } = referencesOf(definition.Properties?.[name]);
  const parameter = [...names].find((candidate) => input.configuration.parameters.has(candidate));
  const moved = (logicalId: string) => fates.get(logicalId) !== undefined && fates.get(logicalId) !== 'same';
  const attribute = [...attributes].find((candidate) => moved(candidate.slice(0, candidate.indexOf('.'))));
  const reference = [...names].find(moved);
  const cause = isUnknown(after[name]) ? (attribute ?? reference) : undefined;
  const owner = cause?.split('.')[0] ?? '';
  const text = (value: unknown) => {
    const visible = masked(input, value);
    return typeof visible === 'string' ? visible : JSON.stringify(visible);
  };
  return {
    Target: {
      Attribute: 'Properties',
      Name: name,
      Path: `/Properties/${name}`,
      RequiresRecreation: recreates ? 'Always' : 'Never',
      AttributeChangeType: !(name in before) ? 'Add' : !(name in after) ? 'Remove' : 'Modify',
      ...(name in before ? { BeforeValue: text(before[name]) } : {}),
      ...(name in after ? { AfterValue: text(after[name]) } : {}),
    },
    // Another value is certain only if what it comes from is certainly another one.
    Evaluation: cause !== undefined && fates.get(owner) !== 'new' ? 'Dynamic' : 'Static',
    ChangeSource:
      cause !== undefined
        ? cause === attribute
          ? 'ResourceAttribute'
          : 'ResourceReference'
        : parameter !== undefined
          ? 'ParameterReference'
          : 'DirectModification',
    ...((cause ?? parameter) === undefined ? {} : { CausingEntity: cause ?? parameter }),
  };
}

function otherAttributes(
  definition: ResourceDefinition,
  current: ResourceRecord,
  tagsChanged: boolean,
): ResourceAttribute[] {
  const { DeletionPolicy = 'Delete', UpdateReplacePolicy = 'Delete', Metadata } = definition;
  return [
    ...(isDeepStrictEqual(Metadata, current.metadata) ? [] : (['Metadata'] as const)),
    ...(DeletionPolicy === current.deletionPolicy ? [] : (['DeletionPolicy'] as const)),
    ...(UpdateReplacePolicy === current.updateReplacePolicy ? [] : (['UpdateReplacePolicy'] as const)),
    ...(tagsChanged ? (['Tags'] as const) : []),
  ];
}

function removal(input: PlanInput, record: ResourceRecord): PlannedChange {
  return {
    action: 'Remove',
    logicalId: record.logicalId,
    ...(record.physicalId === undefined ? {} : { physicalId: record.physicalId }),
    type: record.type,
    policyAction: record.deletionPolicy === 'Delete' ? 'Delete' : 'Retain',
    scope: [],
    details: [],
    before: { Properties: masked(input, record.properties) },
  };
}

function viewAfter(record: ResourceRecord, fate: Fate): ResourceView {
  const { type, attributes, physicalId = '' } = record;
  if (fate === 'new') return { type, ref: knownAfterApply, attributes: unknownAttributes({}, () => false) };
  const ref = record.ref ?? physicalId;
  if (fate === 'same') return { type, ref, attributes };
  const isCustom = type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
  // An ARN or a name holds, or is held by, the physical id: as long as that stays, so does it.
  const isStable = (value: unknown) =>
    !isCustom &&
    typeof value === 'string' &&
    (value.includes(physicalId) || (value !== '' && physicalId.includes(value)));
  return { type, ref, attributes: unknownAttributes(attributes, isStable) };
}

/** Attributes that are all known only afterwards, but for those that stay as they are. */
function unknownAttributes(
  attributes: Readonly<Record<string, unknown>>,
  isStable: (value: unknown) => boolean,
): Readonly<Record<string, unknown>> {
  return new Proxy(attributes, {
    get: (target, name) => (isStable(target[String(name)]) ? target[String(name)] : knownAfterApply),
  });
}

function masked(input: PlanInput, value: unknown): unknown {
  return maskNoEcho(value, input.configuration.parameters);
}

function inOrder(nodes: readonly string[], needs: (node: string) => ReadonlySet<string>): string[] {
  const wanted = new Set(nodes);
  const ordered = new Set<string>();
  const visit = (node: string): void => {
    if (!wanted.has(node) || ordered.has(node)) return;
    for (const need of needs(node)) visit(need);
    ordered.add(node);
  };
  nodes.forEach(visit);
  return [...ordered];
}
