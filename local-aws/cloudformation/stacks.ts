import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Aws } from '../aws.ts';
import { AwsError, notSupported } from '../errors.ts';
import type { Principal } from '../iam/principal.ts';
import type { ChangeSet } from './change-set.ts';
import { resolvedProperties } from './engine/deploy.ts';
import { Operation } from './engine/operation.ts';
import { checkExportsUnused, type ExportRegistry, evaluateOutputs } from './engine/outputs.ts';
import {
  type Deployment,
  type OnFailure,
  runCreateRollback,
  runDeletion,
  runDeployment,
  runUpdateRollback,
} from './engine/run.ts';
import { planChanges } from './plan.ts';
import type { ResourceProvider } from './resource-provider.ts';
import { resourceProviders } from './resources/index.ts';
import { type Configuration, Stack } from './stack.ts';
import { evaluate, type Scope, type StackOutputReference } from './template/functions.ts';
import { type ParameterInput, type ParameterValue, settleParameters } from './template/parameters.ts';
import { checkReferences, importNamesOf } from './template/references.ts';
import { checkRules } from './template/rules.ts';
import { activeResources, evaluateProperties, type ResourceView, scopeOf } from './template/scope.ts';
import { checkCapabilities, checkSupport, type ProviderLookup, providerLookup } from './template/support.ts';
import { parseTemplate, type Template, validationError } from './template/template.ts';

/** What a caller asks a stack to become. */
export interface StackRequest {
  readonly region: string;
  readonly stackName: string;
  readonly caller: Principal;
  /** JSON or YAML. Undefined keeps the stack's template (`UsePreviousTemplate`). */
  readonly templateBody?: string;
  readonly parameters?: readonly ParameterInput[];
  /** Undefined keeps the stack's tags. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly capabilities?: readonly string[];
  /** Undefined keeps the stack's role; without one the caller's own policies count. */
  readonly roleArn?: string;
  readonly onFailure?: OnFailure;
  readonly clientRequestToken?: string;
}

/** What a caller asks a change set for. */
export interface ChangeSetRequest extends StackRequest {
  readonly changeSetName: string;
  readonly type: 'CREATE' | 'UPDATE';
  readonly description?: string;
  readonly clientToken?: string;
  /** What is there under the name that a retained resource has is taken into the stack instead of made. */
  readonly importExistingResources?: boolean;
}

/** An export of a Region. */
export interface StackExport {
  readonly name: string;
  readonly value: string;
  readonly stackId: string;
}

const noChanges =
  "The submitted information didn't contain changes. Submit different information to create a change set.";
const updatable: readonly string[] = [
  'CREATE_COMPLETE',
  'CREATE_FAILED',
  'UPDATE_COMPLETE',
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_COMPLETE',
];

/** The stacks of the account by Region, and all that can be done with them. */
export class Stacks implements ExportRegistry {
  readonly #aws: Aws;
  readonly #lookup: ProviderLookup;
  readonly #stacks: Stack[] = [];

  /** @param providers the resource types; tests add their own */
  constructor(aws: Aws, providers: readonly ResourceProvider[] = resourceProviders) {
    this.#aws = aws;
    this.#lookup = providerLookup(providers);
  }

  /** A stack by name, if it is not deleted, or by ARN. */
  find(region: string, nameOrId: string): Stack | undefined {
    const inRegion = this.#stacks.filter((stack) => stack.region === region);
    if (nameOrId.startsWith('arn:')) return inRegion.find(({ id }) => id === nameOrId);
    return inRegion.findLast(({ name, status }) => name === nameOrId && status !== 'DELETE_COMPLETE');
  }

  /** @throws AwsError ValidationError in the words that the CLI waits for */
  get(region: string, nameOrId: string): Stack {
    const stack = this.find(region, nameOrId);
    if (!stack) throw validationError(`Stack with id ${nameOrId} does not exist`);
    return stack;
  }

  /** Every stack of a Region, newest first, the deleted ones too. */
  list(region: string): readonly Stack[] {
    return this.#stacks.filter((stack) => stack.region === region).reverse();
  }

  /** The ARN that calls on a stack are authorized on, also before there is such a stack. */
  arnOf(region: string, nameOrId: string): string {
    if (nameOrId.startsWith('arn:')) return nameOrId;
    const { partition, account } = this.#aws;
    return (
      this.find(region, nameOrId)?.id ?? `arn:${partition}:cloudformation:${region}:${account}:stack/${nameOrId}/*`
    );
  }

  exports(region: string): readonly StackExport[] {
    return this.#living(region).flatMap(({ id, outputs }) =>
      outputs.flatMap(({ exportName, value }) =>
        exportName === undefined ? [] : [{ name: exportName, value, stackId: id }],
      ),
    );
  }

  exporterOf(region: string, exportName: string): Stack | undefined {
    return this.#living(region).find(({ outputs }) => outputs.some((output) => output.exportName === exportName));
  }

  importersOf(region: string, exportName: string): readonly string[] {
    return this.#living(region)
      .filter(({ imports }) => imports.has(exportName))
      .map(({ name }) => name);
  }

  /**
   * `CreateChangeSet`: the change set is ready, or has failed, when this returns.
   *
   * @throws AwsError ValidationError, InsufficientCapabilitiesException, AlreadyExistsException, and
   * NotSupportedByLocalAws naming the function, type or property
   */
  createChangeSet(request: ChangeSetRequest): { stack: Stack; changeSet: ChangeSet } {
    const { region, stackName, changeSetName, type } = request;
    const existing = this.find(region, stackName);
    if (type === 'CREATE' && existing && existing.status !== 'REVIEW_IN_PROGRESS') {
      throw validationError(
        `Stack [${existing.name}] already exists and cannot be created again with the changeSet [${changeSetName}].`,
      );
    }
    if (type === 'UPDATE') this.#requireUpdatable(existing, stackName);
    const earlier = existing?.changeSets.get(changeSetName);
    if (existing && earlier) {
      if (earlier.clientToken !== undefined && earlier.clientToken === request.clientToken) {
        return { stack: existing, changeSet: earlier };
      }
      throw new AwsError(
        'AlreadyExistsException',
        `ChangeSet ${changeSetName} cannot be created due to a mismatch with existing attribute Template`,
      );
    }
    const stack = existing ?? new Stack({ ...this.#aws, region }, stackName);
    const configuration = this.#configure(request, stack);
    const { partition, account } = this.#aws;
    const changeSet: ChangeSet = {
      id: `arn:${partition}:cloudformation:${region}:${account}:changeSet/${changeSetName}/${randomUUID()}`,
      name: changeSetName,
      type,
      created: new Date(),
      configuration,
      ...this.#plan(request, stack, configuration),
      ...(request.description === undefined ? {} : { description: request.description }),
      ...(request.clientToken === undefined ? {} : { clientToken: request.clientToken }),
      ...(request.roleArn === undefined ? {} : { roleArn: request.roleArn }),
      ...(request.onFailure === undefined ? {} : { onFailure: request.onFailure }),
    };
    if (request.importExistingResources) this.#refuseImports(stack, changeSet);
    if (!existing) {
      this.#stacks.push(stack);
      stack.setStatus('REVIEW_IN_PROGRESS', { id: randomUUID() }, 'User Initiated');
    }
    stack.changeSets.set(changeSetName, changeSet);
    return { stack, changeSet };
  }

  /**
   * A change set by name, with the name of its stack, or by ARN.
   *
   * @throws AwsError ChangeSetNotFound
   */
  changeSet(region: string, changeSetName: string, stackName?: string): { stack: Stack; changeSet: ChangeSet } {
    const stacks = stackName === undefined ? this.list(region) : [this.find(region, stackName)];
    for (const stack of stacks) {
      for (const changeSet of stack?.changeSets.values() ?? []) {
        if (
          stack &&
          (changeSet.id === changeSetName || (changeSet.name === changeSetName && stackName !== undefined))
        ) {
          return { stack, changeSet };
        }
      }
    }
    throw new AwsError('ChangeSetNotFound', `ChangeSet [${changeSetName}] does not exist`, 404);
  }

  /** `ExecuteChangeSet`: starts the operation and returns; `Stack.running` settles at its end. */
  executeChangeSet(
    stack: Stack,
    changeSet: ChangeSet,
    start: { caller: Principal; disableRollback?: boolean; clientRequestToken?: string },
  ): void {
    if (changeSet.executionStatus !== 'AVAILABLE') {
      throw new AwsError(
        'InvalidChangeSetStatus',
        `ChangeSet [${changeSet.id}] cannot be executed in its current status of [${changeSet.status}]`,
      );
    }
    if (changeSet.type === 'UPDATE') this.#requireUpdatable(stack, stack.name);
    const onFailure = start.disableRollback ? 'DO_NOTHING' : (changeSet.onFailure ?? 'ROLLBACK');
    changeSet.executionStatus = 'EXECUTE_COMPLETE';
    for (const [name, other] of stack.changeSets) if (other !== changeSet) stack.changeSets.delete(name);
    stack.changeSetId = changeSet.id;
    this.#start(stack, changeSet.configuration, { ...start, onFailure, ...roleOf(changeSet) });
  }

  /** `CreateStack`: starts the operation and returns. */
  createStack(request: StackRequest & { terminationProtection?: boolean }): Stack {
    const { region, stackName } = request;
    if (this.find(region, stackName))
      throw new AwsError('AlreadyExistsException', `Stack [${stackName}] already exists`);
    const stack = new Stack({ ...this.#aws, region }, stackName);
    const configuration = this.#configure(request, stack);
    this.#checkPlan(request, stack, configuration);
    this.#stacks.push(stack);
    stack.terminationProtection = request.terminationProtection ?? false;
    this.#start(stack, configuration, request);
    return stack;
  }

  /** `UpdateStack`: starts the operation and returns. */
  updateStack(request: StackRequest): Stack {
    const stack = this.#requireUpdatable(this.find(request.region, request.stackName), request.stackName);
    const configuration = this.#configure(request, stack);
    const { statusReason } = this.#checkPlan(request, stack, configuration);
    if (statusReason === noChanges) throw validationError('No updates are to be performed.');
    this.#start(stack, configuration, request);
    return stack;
  }

  /** `DeleteStack`: starts the operation and returns. Deleting what is not there succeeds. */
  deleteStack(
    stack: Stack | undefined,
    start: { caller: Principal; roleArn?: string; retain?: readonly string[]; clientRequestToken?: string },
  ): void {
    if (!stack || stack.status === 'DELETE_COMPLETE' || stack.status === 'DELETE_IN_PROGRESS') return;
    if (stack.terminationProtection) {
      throw validationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
    }
    if (stack.inProgress)
      throw validationError(`Stack [${stack.id}] cannot be deleted while in status ${stack.status}`);
    if (start.retain?.length && stack.status !== 'DELETE_FAILED') {
      throw validationError(
        `Invalid operation on stack [${stack.id}]. RetainResources can only be used on a stack in the DELETE_FAILED state.`,
      );
    }
    const operation = this.#operation(stack, start);
    try {
      checkExportsUnused(stack, this);
    } catch (error) {
      // AWS takes the call, and then says in the status of the stack, which stays as it was, why nothing happens.
      stack.setStatus(stack.status, operation, (error as Error).message);
      return;
    }
    stack.running = runDeletion(operation, new Set(start.retain));
  }

  /** `RollbackStack` and `ContinueUpdateRollback`: starts the operation and returns. */
  rollBack(
    stack: Stack,
    start: { caller: Principal; roleArn?: string; skip?: readonly string[]; continues: boolean },
  ): void {
    const from = start.continues ? ['UPDATE_ROLLBACK_FAILED'] : ['CREATE_FAILED', 'UPDATE_FAILED'];
    if (!from.includes(stack.status)) {
      throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be rolled back.`);
    }
    const operation = this.#operation(stack, start);
    stack.running = stack.lastStable
      ? runUpdateRollback(operation, stack.lastStable, 'User Initiated', new Set(start.skip))
      : runCreateRollback(operation, 'User Initiated');
  }

  /**
   * Creates or updates a stack in this process, on the same engine, and waits for the end. Parameters that are not given
   * keep their values, as `cdk deploy` has it.
   *
   * @param request the template as an object; `roleArn` as CloudFormation's role, else the account's administrator
   * @throws Error with the reasons of the resources that failed
   */
  async deploy(request: {
    region: string;
    stackName: string;
    template: unknown;
    parameters?: Readonly<Record<string, string>>;
    tags?: Readonly<Record<string, string>>;
    roleArn?: string;
  }): Promise<{ outputs: Record<string, string> }> {
    const { region, stackName, template, parameters = {}, tags = {}, roleArn } = request;
    const templateBody = JSON.stringify(template);
    const { Parameters: defined = {} } = parseTemplate(templateBody);
    const kept = [...(this.find(region, stackName)?.configuration?.parameters.keys() ?? [])].filter(
      (key) => Object.hasOwn(defined, key) && !Object.hasOwn(parameters, key),
    );
    const stackRequest: StackRequest = {
      region,
      stackName,
      caller: this.#aws.iam.administrator,
      templateBody,
      parameters: [
        ...Object.entries(parameters).map(([key, value]) => ({ key, value })),
        ...kept.map((key) => ({ key, usePreviousValue: true })),
      ],
      tags,
      capabilities: ['CAPABILITY_NAMED_IAM'],
      ...(roleArn === undefined ? {} : { roleArn }),
    };
    const before = this.find(region, stackName);
    if (before && ['ROLLBACK_COMPLETE', 'REVIEW_IN_PROGRESS'].includes(before.status)) {
      await this.destroy(region, stackName);
    }
    const existing = this.find(region, stackName);
    const eventsBefore = existing?.events.length ?? 0;
    let stack: Stack;
    try {
      stack = existing ? this.updateStack(stackRequest) : this.createStack(stackRequest);
    } catch (error) {
      if (!existing || (error as Error).message !== 'No updates are to be performed.') throw error;
      stack = existing;
    }
    await stack.running;
    if (!['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'].includes(stack.status)) {
      throw failureOf(stack, eventsBefore);
    }
    if (stack.events.slice(eventsBefore).some(({ status }) => status === 'UPDATE_ROLLBACK_COMPLETE')) {
      throw failureOf(stack, eventsBefore);
    }
    return { outputs: Object.fromEntries(stack.outputs.map(({ key, value }) => [key, value])) };
  }

  /**
   * Deletes a stack in this process and waits for the end; deleting what is not there succeeds.
   *
   * @throws Error with the reasons of the resources that could not be deleted
   */
  async destroy(region: string, stackName: string): Promise<void> {
    const stack = this.find(region, stackName);
    if (!stack) return;
    const eventsBefore = stack.events.length;
    this.deleteStack(stack, { caller: this.#aws.iam.administrator });
    await stack.running;
    if (stack.status !== 'DELETE_COMPLETE') throw failureOf(stack, eventsBefore);
  }

  #living(region: string): Stack[] {
    return this.#stacks.filter((stack) => stack.region === region && stack.status !== 'DELETE_COMPLETE');
  }

  #requireUpdatable(stack: Stack | undefined, name: string): Stack {
    if (!stack || stack.status === 'DELETE_COMPLETE') throw validationError(`Stack [${name}] does not exist`);
    if (updatable.includes(stack.status)) return stack;
    throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
  }

  #configure(request: StackRequest, stack: Stack): Configuration {
    const templateBody = request.templateBody ?? stack.configuration?.templateBody;
    if (templateBody === undefined) throw validationError('Either Template URL or Template Body must be specified.');
    const template = parseTemplate(templateBody);
    checkReferences(template);
    const settled = this.#settle(request, stack, template);
    const active = new Set(activeResources(template, this.#scopeOfConditions(stack, template, settled)));
    checkSupport(template, this.#lookup, (logicalId) => active.has(logicalId));
    checkCapabilities(template, request.capabilities ?? []);
    const moved = Object.entries(template.Resources)
      .filter(([logicalId, { Type }]) => (stack.resources.get(logicalId)?.type ?? Type) !== Type)
      .map(([logicalId]) => logicalId);
    if (moved.length > 0) {
      throw validationError(
        `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${moved.join(', ')}]`,
      );
    }
    return {
      template,
      templateBody,
      tags: request.tags ?? stack.configuration?.tags ?? {},
      capabilities: request.capabilities ?? [],
      parameters: settled,
    };
  }

  #settle(request: StackRequest, stack: Stack, template: Template): Map<string, ParameterValue> {
    const { region, caller, parameters = [] } = request;
    const { iam, account, partition, parameters: store } = this.#aws;
    return settleParameters(template, parameters, stack.configuration?.parameters ?? new Map(), (name) => {
      const bareName = name.startsWith('/') ? name.slice(1) : name;
      iam.authorize(caller, 'ssm:GetParameters', `arn:${partition}:ssm:${region}:${account}:parameter/${bareName}`);
      return store.get(region, name);
    });
  }

  /** Conditions know parameters and where the stack is, and neither resources nor other stacks. */
  #scopeOfConditions(stack: Stack, template: Template, parameters: ReadonlyMap<string, ParameterValue>): Scope {
    const { account, partition } = this.#aws;
    const outOfPlace = (): never => {
      throw validationError('Template error: Conditions can only refer to parameters and other conditions');
    };
    return scopeOf({
      account,
      partition,
      region: stack.region,
      stackId: stack.id,
      stackName: stack.name,
      template,
      parameters,
      resource: () => undefined,
      importValue: outOfPlace,
      stackOutput: outOfPlace,
    });
  }

  /** @throws AwsError NotSupportedByLocalAws for a resource that AWS would import, since it is there and no stack's */
  #refuseImports(stack: Stack, { configuration, changes }: Pick<ChangeSet, 'configuration' | 'changes'>): void {
    for (const { action, logicalId, type } of changes) {
      const { DeletionPolicy, Properties } = configuration.template.Resources[logicalId] ?? {};
      if (action !== 'Add' || !DeletionPolicy?.startsWith('Retain')) continue;
      const scope = this.#scopeOfConditions(stack, configuration.template, configuration.parameters);
      const name = this.#lookup(type)?.existing?.(this.#aws, evaluateProperties(Properties, scope));
      if (name) throw notSupported(`the import of ${name}, which is there already (resource ${logicalId})`);
    }
  }

  /** What a change set holds beside its settings. */
  #plan(
    request: StackRequest,
    stack: Stack,
    configuration: Configuration,
  ): Pick<ChangeSet, 'changes' | 'status' | 'statusReason' | 'executionStatus'> {
    const views = new Map<string, ResourceView>();
    const operation = this.#operation(stack, request);
    try {
      const scope = this.#scope(operation, configuration, (logicalId) => views.get(logicalId));
      checkRules(configuration.template, scope);
      this.#importsOf(stack.region, configuration, scope);
      const changes = planChanges({
        stack,
        configuration,
        scope,
        views,
        provider: this.#lookup,
        propertiesOf: (definition) => resolvedProperties(operation, definition, scope),
      });
      const outputs = evaluateOutputs(configuration.template, scope);
      const same =
        changes.length === 0 &&
        stack.configuration !== undefined &&
        isDeepStrictEqual(outputs, [...stack.outputs]) &&
        isDeepStrictEqual(configuration.tags, stack.configuration.tags);
      if (same) return { changes, status: 'FAILED', statusReason: noChanges, executionStatus: 'UNAVAILABLE' };
      return { changes, status: 'CREATE_COMPLETE', executionStatus: 'AVAILABLE' };
    } catch (error) {
      if (!(error instanceof AwsError) || error.code === 'NotSupportedByLocalAws') throw error;
      return { changes: [], status: 'FAILED', statusReason: error.message, executionStatus: 'UNAVAILABLE' };
    }
  }

  /** The plan of a call that makes no change set: what would have failed it is thrown. */
  #checkPlan(request: StackRequest, stack: Stack, configuration: Configuration): Pick<ChangeSet, 'statusReason'> {
    const plan = this.#plan(request, stack, configuration);
    if (plan.status === 'FAILED' && plan.statusReason !== noChanges) {
      throw validationError(plan.statusReason ?? 'The template cannot be deployed.');
    }
    return plan;
  }

  #start(
    stack: Stack,
    configuration: Configuration,
    start: { caller: Principal; roleArn?: string; onFailure?: OnFailure; clientRequestToken?: string },
  ): void {
    const operation = this.#operation(stack, start);
    const { onFailure = 'ROLLBACK' } = start;
    stack.roleArn = start.roleArn ?? stack.roleArn;
    stack.disableRollback = onFailure === 'DO_NOTHING';
    const scope = this.#scope(operation, configuration, (logicalId) => {
      const record = stack.resources.get(logicalId);
      if (record?.physicalId === undefined) return undefined;
      return { type: record.type, ref: record.ref ?? record.physicalId, attributes: record.attributes };
    });
    const imports = this.#importsOf(stack.region, configuration, scope);
    const deployment: Deployment = { configuration, scope, imports, onFailure };
    stack.running = runDeployment(operation, deployment, this);
  }

  #operation(
    stack: Stack,
    {
      caller,
      roleArn = stack.roleArn,
      clientRequestToken,
    }: { caller: Principal; roleArn?: string; clientRequestToken?: string },
  ): Operation {
    return new Operation({
      aws: this.#aws,
      stack,
      principal: roleArn === undefined ? caller : this.#principalOf(roleArn),
      lookup: this.#lookup,
      ...(clientRequestToken === undefined ? {} : { clientRequestToken }),
    });
  }

  #principalOf(roleArn: string): Principal {
    try {
      return this.#aws.iam.assumeRoleAsService(roleArn, 'cloudformation.amazonaws.com', 'AWSCloudFormation').principal;
    } catch {
      throw validationError(`Role ${roleArn} is invalid or cannot be assumed`);
    }
  }

  #scope(
    operation: Operation,
    { template, parameters }: Configuration,
    resource: (logicalId: string) => ResourceView | undefined,
  ): Scope {
    const { account, partition } = this.#aws;
    const { id, name, region } = operation.stack;
    return scopeOf({
      account,
      partition,
      region,
      stackId: id,
      stackName: name,
      template,
      parameters,
      resource,
      importValue: (exportName) => this.#exportedValue(region, exportName),
      stackOutput: (reference) => this.#stackOutput(operation.principal, region, reference),
    });
  }

  /** The names of the exports that the living part of a template imports. */
  #importsOf(region: string, { template }: Configuration, scope: Scope): ReadonlySet<string> {
    const parts = [
      ...activeResources(template, scope).map((logicalId) => template.Resources[logicalId]?.Properties),
      ...Object.values(template.Outputs ?? {})
        .filter(({ Condition }) => Condition === undefined || scope.condition(Condition))
        .map(({ Value }) => Value),
    ];
    const names = new Set(importNamesOf(parts, scope.condition).map((name) => String(evaluate(name, scope))));
    for (const name of names) this.#exportedValue(region, name);
    return names;
  }

  #exportedValue(region: string, exportName: string): string {
    const found = this.exports(region).find(({ name }) => name === exportName);
    if (!found) throw validationError(`No export named ${exportName} found`);
    return found.value;
  }

  #stackOutput(principal: Principal, ownRegion: string, reference: StackOutputReference): string {
    const { stackName, outputName, region = ownRegion, roleArn } = reference;
    const { iam } = this.#aws;
    const reader =
      roleArn === undefined ? principal : iam.assumeRole(principal, roleArn, 'AWSCloudFormation').principal;
    iam.authorize(reader, 'cloudformation:DescribeStacks', this.arnOf(region, stackName));
    const stack = this.get(region, stackName);
    const output = stack.outputs.find(({ key }) => key === outputName);
    if (!output) throw validationError(`Output ${outputName} does not exist in stack ${stackName} (Region ${region})`);
    return output.value;
  }
}

function roleOf({ roleArn }: ChangeSet): { roleArn?: string } {
  return roleArn === undefined ? {} : { roleArn };
}

/** The end of an operation that failed: its status and the resources' own reasons. */
function failureOf(stack: Stack, eventsBefore: number): Error {
  const events = stack.events.slice(eventsBefore);
  const reasons = events
    .filter(({ status, reason, type }) => status.endsWith('_FAILED') && reason && type !== 'AWS::CloudFormation::Stack')
    .filter(({ reason }) => !/^Resource \w+ cancelled$/.test(reason ?? ''))
    .map(({ logicalId, reason }) => `${logicalId}: ${reason}`);
  const ofStack = events.flatMap(({ type, reason }) =>
    type === 'AWS::CloudFormation::Stack' && reason && reason !== 'User Initiated' ? [reason] : [],
  );
  const because = reasons.length > 0 ? reasons : ofStack;
  return new Error(`Stack ${stack.name} (${stack.region}) ended as ${stack.status}: ${because.join('; ')}`);
}
