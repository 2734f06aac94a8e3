import { isDeepStrictEqual } from 'node:util';
import type { Properties, ResourceContext, ResourceProvider, ResourceResult } from '../resource-provider.ts';
import type { Configuration, ResourceRecord } from '../stack.ts';
import { resolveParameterReferences } from '../template/dynamic-references.ts';
import type { Scope } from '../template/functions.ts';
import { dependenciesOf } from '../template/references.ts';
import { activeResources, evaluateProperties } from '../template/scope.ts';
import type { ResourceDefinition } from '../template/template.ts';
import { validationError } from '../template/template.ts';
import { type GraphRun, runGraph } from './graph.ts';
import { type Operation, physicalIdOf } from './operation.ts';

const cancelledCreate = 'Resource creation cancelled';

/** What failed while resources were created and updated, in CloudFormation's words; undefined when nothing did. */
export async function convergeResources(
  operation: Operation,
  configuration: Configuration,
  scope: Scope,
): Promise<string | undefined> {
  const { stack } = operation;
  const { template } = configuration;
  const active = activeResources(template, scope);
  const definitionOf = (logicalId: string) => template.Resources[logicalId] as ResourceDefinition;
  const graph = new Map(active.map((logicalId) => [logicalId, dependenciesOf(template, definitionOf(logicalId))]));
  const created = new Set<string>();
  const failures = await runGraph(graph, async (logicalId, run) => {
    const definition = definitionOf(logicalId);
    const current = stack.resources.get(logicalId);
    if (current?.physicalId === undefined) created.add(logicalId);
    const dependsOn = new Set([...(graph.get(logicalId) ?? [])].filter((name) => graph.has(name)));
    await new ResourceStep(operation, configuration, scope, logicalId, definition, dependsOn, run).run(current);
  });
  if (failures.size === 0) return undefined;
  const sentence = (verb: string, ids: string[]) =>
    ids.length === 0 ? [] : [`The following resource(s) failed to ${verb}: [${ids.join(', ')}].`];
  const failed = [...failures.keys()];
  return [
    ...sentence(
      'create',
      failed.filter((logicalId) => created.has(logicalId)),
    ),
    ...sentence(
      'update',
      failed.filter((logicalId) => !created.has(logicalId)),
    ),
  ].join(' ');
}

/** The properties of a resource, with all but the values of secrets resolved. */
export function resolvedProperties(
  operation: Pick<Operation, 'aws' | 'principal' | 'stack'>,
  definition: ResourceDefinition,
  scope: Scope,
): Properties {
  const { aws, principal, stack } = operation;
  const evaluated = evaluateProperties(definition.Properties, scope);
  return resolveParameterReferences(evaluated, (name, version) => {
    const bareName = name.startsWith('/') ? name.slice(1) : name;
    const arn = `arn:${aws.partition}:ssm:${stack.region}:${aws.account}:parameter/${bareName}`;
    aws.iam.authorize(principal, 'ssm:GetParameters', arn);
    const parameter = aws.parameters.find(stack.region, name);
    if (!parameter || (version !== undefined && String(parameter.version) !== version)) {
      const wanted = version === undefined ? name : `${name}:${version}`;
      throw validationError(`Unable to fetch parameters [${wanted}] from parameter store for this account.`);
    }
    return parameter.value;
  }) as Properties;
}

/** Whether a new value of any property makes a new resource. */
export function needsReplacement({ replaceOn }: ResourceProvider, before: Properties, after: Properties): boolean {
  return replaceOn.some((name) => !isDeepStrictEqual(before[name], after[name]));
}

/** One resource on its way to what the template says. */
class ResourceStep {
  readonly #operation: Operation;
  readonly #configuration: Configuration;
  readonly #scope: Scope;
  readonly #logicalId: string;
  readonly #definition: ResourceDefinition;
  readonly #dependsOn: ReadonlySet<string>;
  readonly #graphRun: GraphRun;

  constructor(
    operation: Operation,
    configuration: Configuration,
    scope: Scope,
    logicalId: string,
    definition: ResourceDefinition,
    dependsOn: ReadonlySet<string>,
    graphRun: GraphRun,
  ) {
    this.#operation = operation;
    this.#configuration = configuration;
    this.#scope = scope;
    this.#logicalId = logicalId;
    this.#definition = definition;
    this.#dependsOn = dependsOn;
    this.#graphRun = graphRun;
  }

  async run(current: ResourceRecord | undefined): Promise<void> {
    const exists = current?.physicalId !== undefined;
    let properties: Properties;
    try {
      properties = resolvedProperties(this.#operation, this.#definition, this.#scope);
    } catch (error) {
      const before = current ?? this.#record({}, 'CREATE_FAILED');
      this.#fail(before, exists ? 'UPDATE_FAILED' : 'CREATE_FAILED', error);
      throw error;
    }
    if (!current || current.physicalId === undefined) return this.#create(properties);
    if (current.status === 'CREATE_FAILED' && current.statusReason !== cancelledCreate) {
      this.#operation.stack.replaced.push({ ...current, updateReplacePolicy: 'Delete' });
      return this.#create(properties);
    }
    const provider = this.#operation.provider(this.#definition.Type);
    if (needsReplacement(provider, current.properties, properties)) return this.#replace(current, properties);
    const isRetry = current.status.endsWith('_FAILED');
    const tagsChanged =
      provider.properties?.includes('Tags') === true &&
      !isDeepStrictEqual(this.#operation.stack.lastStable?.configuration?.tags ?? {}, this.#configuration.tags);
    if (isRetry || tagsChanged || !isDeepStrictEqual(current.properties, properties)) {
      return this.#update(current, current.physicalId, properties);
    }
    this.#keep(current, properties);
  }

  async #create(properties: Properties): Promise<void> {
    const start = this.#record(properties, 'CREATE_IN_PROGRESS');
    this.#set(start);
    const result = await this.#attempt(start, 'CREATE_FAILED', () => this.#callCreate(properties));
    if (this.#graphRun.failed) this.#cancel(start, result, 'CREATE_FAILED', cancelledCreate);
    this.#set({ ...start, ...made(result), statusReason: 'Resource creation Initiated' });
    this.#set(this.#record(properties, 'CREATE_COMPLETE', result));
  }

  async #replace(current: ResourceRecord, properties: Properties): Promise<void> {
    const start = this.#record(properties, 'UPDATE_IN_PROGRESS', current);
    const reason = 'Requested update requires the creation of a new physical resource; hence creating one.';
    this.#set({ ...start, statusReason: reason });
    const result = await this.#attempt(current, 'UPDATE_FAILED', () => this.#callCreate(properties));
    this.#leaveBehind(current);
    if (this.#graphRun.failed) this.#cancel(start, result, 'UPDATE_FAILED', 'Resource update cancelled');
    this.#set({ ...start, ...made(result), statusReason: 'Resource creation Initiated' });
    this.#set(this.#record(properties, 'UPDATE_COMPLETE', result));
  }

  async #update(current: ResourceRecord, physicalId: string, properties: Properties): Promise<void> {
    const start = this.#record(properties, 'UPDATE_IN_PROGRESS', current);
    this.#set(start);
    const provider = this.#operation.provider(this.#definition.Type);
    const result = await this.#attempt(start, 'UPDATE_FAILED', () =>
      provider.update(
        this.#context(),
        physicalId,
        this.#operation.withSecrets(properties),
        this.#operation.withSecretsIfReadable(current.properties),
      ),
    );
    if (result.physicalId !== physicalId) this.#leaveBehind(current);
    if (this.#graphRun.failed) this.#cancel(start, result, 'UPDATE_FAILED', 'Resource update cancelled');
    if (result.physicalId !== physicalId) {
      const reason = 'Requested update required the provider to create a new physical resource';
      this.#set({ ...start, ...made(result), statusReason: reason });
    }
    this.#set(this.#record(properties, 'UPDATE_COMPLETE', result));
  }

  /** The policy of the new template counts: it says what is to become of what this very update replaces. */
  #leaveBehind(current: ResourceRecord): void {
    const { UpdateReplacePolicy = 'Delete' } = this.#definition;
    this.#operation.stack.replaced.push({ ...current, updateReplacePolicy: UpdateReplacePolicy });
  }

  /** Nothing of the resource itself changes; its policies and metadata may. */
  #keep(current: ResourceRecord, properties: Properties): void {
    const { status, lastUpdated, statusReason: _earlier, ...rest } = current;
    const kept = { ...this.#record(properties, status, rest as ResourceRecord), lastUpdated };
    if (!isDeepStrictEqual(kept, current)) this.#operation.stack.resources.set(this.#logicalId, kept);
  }

  async #callCreate(properties: Properties): Promise<ResourceResult> {
    const provider = this.#operation.provider(this.#definition.Type);
    return provider.create(this.#context(), this.#operation.withSecrets(properties));
  }

  #context(): ResourceContext {
    const place = { logicalId: this.#logicalId, type: this.#definition.Type };
    return this.#operation.context(place, this.#configuration);
  }

  async #attempt(
    before: ResourceRecord,
    failure: 'CREATE_FAILED' | 'UPDATE_FAILED',
    call: () => Promise<ResourceResult>,
  ): Promise<ResourceResult> {
    try {
      return await call();
    } catch (error) {
      this.#fail(before, failure, error);
      throw error;
    }
  }

  #fail(before: ResourceRecord, status: 'CREATE_FAILED' | 'UPDATE_FAILED', error: unknown): void {
    const physicalId = before.physicalId ?? physicalIdOf(error);
    this.#set({
      ...before,
      ...(physicalId === undefined ? {} : { physicalId }),
      status,
      statusReason: this.#operation.reasonFor(before, error),
      lastUpdated: new Date(),
    });
  }

  /** Another resource failed in the meantime: this one is there, and the rollback will undo it. */
  #cancel(start: ResourceRecord, result: ResourceResult, status: ResourceRecord['status'], reason: string): never {
    this.#set({ ...start, ...made(result), status, statusReason: reason });
    throw new Error(reason);
  }

  #set(record: ResourceRecord): void {
    this.#operation.stack.setResource(record, this.#operation);
  }

  #record(
    properties: Properties,
    status: ResourceRecord['status'],
    result?: ResourceResult | ResourceRecord,
  ): ResourceRecord {
    const { Type, DeletionPolicy = 'Delete', UpdateReplacePolicy = 'Delete', Metadata } = this.#definition;
    return {
      logicalId: this.#logicalId,
      type: Type,
      attributes: {},
      ...(result?.physicalId === undefined ? {} : made(result as ResourceResult)),
      properties,
      dependsOn: this.#dependsOn,
      deletionPolicy: DeletionPolicy,
      updateReplacePolicy: UpdateReplacePolicy,
      ...(Metadata === undefined ? {} : { metadata: Metadata }),
      status,
      lastUpdated: new Date(),
    };
  }
}

function made({
  physicalId,
  ref,
  attributes,
}: ResourceResult): Pick<ResourceRecord, 'physicalId' | 'ref' | 'attributes'> {
  return { physicalId, attributes, ...(ref === undefined ? {} : { ref }) };
}
