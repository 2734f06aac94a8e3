import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import type { Calls, KeySource } from '../../../lib/credential-provider/handler/calls.ts';
import type { serve } from '../../../lib/credential-provider/handler/serve.ts';
import {
  type CredentialProviderProperties,
  type RefreshEvent,
  resourceTypes,
  tags as tagNames,
} from '../../../lib/credential-provider/resource-properties.ts';
import { functionTimeout, serviceTimeout } from '../../../lib/custom-resource/timeouts.ts';
import { account, awsError, FakeAws } from './fake-aws.ts';
import type { Disturbance, Operation, Wish } from './operations.ts';

export type Serve = typeof serve;

const stackId = `arn:aws:cloudformation:us-east-1:${account}:stack/identity/1`;
const logicalId = 'Provider';
const canary = 'sk-canary';
/** What a resource is called that never said what it is called. */
const idOfCloudFormation = `identity-${logicalId}-1A2B3C4D5E6F`;
/** Milliseconds. */
const sessionLifetime = 8 * 3_600_000;

/** What CloudFormation knows of the resource. */
interface Resource {
  readonly physicalId: string;
  readonly wish: Wish;
}

/** What a run came to; undefined when Lambda was killed at every try. */
type Answer = CloudFormationCustomResourceResponse | undefined;

/** At which call of a run CloudFormation goes back. */
interface Cancellation {
  readonly at: number;
  readonly goBack: () => Promise<void>;
}

/** Says which invariant does not hold. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/**
 * Drives the handler as CloudFormation, EventBridge, Lambda and people do, and holds what it does against what must
 * always be true.
 */
export class World {
  readonly #serve: Serve;
  readonly #aws = new FakeAws();
  readonly #madeByOthers = new Set<string>();
  /** Everything that CloudFormation has sent. */
  readonly #sent: CloudFormationCustomResourceEvent[] = [];
  #resource: Resource | undefined;
  #agentUses: string | undefined;
  /** Whether it has said so, and nothing went wrong. */
  #agentSaidSo = false;
  /** What the version uses that an endpoint stays on, and what the one before that used. */
  #pinned: string | undefined;
  #formerlyPinned: string | undefined;
  /** Until when a session may be open that uses the provider of this name. */
  readonly #sessions = new Map<string, number>();
  readonly #sessionsOfEndpoint = new Map<string, number>();
  /** What the event that is being served may adopt. */
  #serving: { readonly adopts: string | undefined } | undefined;
  /** Adopted ones that are to be deleted with the resource. */
  #deletable = new Set<string>();
  /** Whether the run that goes on was cancelled. */
  #isCancelled = false;
  #values = 0;
  #requests = 0;
  #described = new Map<string, string | undefined>();

  constructor(serve: Serve, lag: number, duplicatesAs: FakeAws['duplicatesAs']) {
    this.#serve = serve;
    this.#aws.lag = lag;
    this.#aws.duplicatesAs = duplicatesAs;
    this.#aws.clock.time = Date.UTC(2026, 10, 23);
    this.#aws.onChange = (name, change) => this.#watch(name, change);
    for (const secret of ['one', 'two', 'plain'] as const) this.#store(secret, 'good');
  }

  async perform(operation: Operation): Promise<void> {
    this.#aws.clock.time += 60_000;
    switch (operation.kind) {
      case 'deploy':
        await this.#deploy(operation);
        break;
      case 'destroy':
        await this.#destroy(operation.disturbances);
        break;
      case 'move agent':
        await this.#moveAgent(this.#resource?.wish.name, operation.disturbances);
        break;
      case 'agent goes back':
        await this.#moveAgent(this.#former(), []);
        break;
      case 'release':
        await this.#pin(this.#agentUses);
        break;
      case 'endpoint goes back':
        await this.#pin(this.#formerlyPinned);
        break;
      case 'a day passes':
        await this.#dayPasses(operation.disturbances);
        break;
      case 'refresh':
        await this.#refresh(operation.of, operation.disturbances);
        break;
      case 'store':
        this.#store(operation.secret, operation.value);
        break;
      case 'made by hand':
        if (!this.#aws.providers.has(operation.name)) {
          this.#aws.providers.set(operation.name, { key: theirs(operation.source), tags: { theirs: 'yes' } });
          this.#madeByOthers.add(operation.name);
        }
        break;
      case 'deleted by hand':
        this.#forget(operation.name);
        break;
      case 'late event':
        await this.#late(operation.which);
        break;
    }
  }

  /** The end of every story: the stack is deleted, and nothing of ours is left. */
  async end(): Promise<void> {
    this.#aws.clock.time += 60_000;
    await this.#destroy([]);
  }

  async #deploy(operation: Operation & { kind: 'deploy' }): Promise<void> {
    const { wish, disturbances, repeated, rolledBack, abandoned, cancelledAt } = operation;
    if (cancelledAt !== undefined) return this.#cancel(wish, cancelledAt);
    if (this.#resource) return this.#update(this.#resource, wish, disturbances, { repeated, rolledBack, abandoned });
    const expected = this.#expected(wish);
    const before = this.#snapshot();
    const event = this.#event('Create', wish);
    this.#begin();
    const answer = await this.#deliver(event, disturbances);
    if (disturbances.length === 0)
      this.#hold(answer?.Status === expected, `create: ${answer?.Status}, not ${expected}`);
    if (answer?.Status === 'SUCCESS') {
      this.#succeeded(answer, wish);
      if (repeated) await this.#again(event);
      this.#aws.status = 'CREATE_COMPLETE';
      if (repeated) await this.#again(event);
      return;
    }
    if (disturbances.length === 0) this.#hold(this.#snapshot() === before, 'a refused create changed something');
    await this.#undo(wish, answer?.PhysicalResourceId ?? idOfCloudFormation);
    if (repeated) {
      await this.#again(event);
      this.#nothingIsLeft('after a failed create that Lambda repeated');
    }
    // What failed by bad luck succeeds when it is tried again.
    if (disturbances.length > 0) {
      const retry: Operation & { kind: 'deploy' } = {
        kind: 'deploy',
        wish,
        disturbances: [],
        repeated,
        rolledBack: false,
        abandoned: false,
        cancelledAt: undefined,
      };
      await this.#deploy(retry);
    }
  }

  /** Another resource of the stack fails, and CloudFormation goes back while the run of this one goes on. */
  async #cancel(wish: Wish, at: number): Promise<void> {
    const was = this.#resource;
    if (was && JSON.stringify(wish) === JSON.stringify(was.wish)) return;
    const event = was ? this.#event('Update', wish, was.physicalId, was.wish) : this.#event('Create', wish);
    const goBack = (physicalId: string) => (was ? this.#rollBack(was, was.wish, wish) : this.#undo(wish, physicalId));
    let isBack = false;
    this.#begin();
    const answer = await this.#invoke(event, [], {
      at,
      goBack: async () => {
        isBack = true;
        await goBack(idOfCloudFormation);
      },
    });
    if (isBack) {
      if (!was) this.#nothingIsLeft('after a create that was cancelled');
      return;
    }
    if (typeof answer === 'string') throw new Violation(`the run was ${answer}`);
    if (answer.Status === 'FAILED') return goBack(answer.PhysicalResourceId);
    this.#succeeded(answer, wish);
    if (was && wish.name !== was.physicalId) {
      this.#aws.status = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
      await this.#cleanUp(was);
    }
    this.#aws.status = 'UPDATE_COMPLETE';
  }

  async #undo(wish: Wish, physicalId: string): Promise<void> {
    this.#aws.status = 'ROLLBACK_IN_PROGRESS';
    await this.#deliverUntilSuccess(this.#event('Delete', wish, physicalId));
    this.#nothingIsLeft('after a failed create');
    this.#aws.status = 'ROLLBACK_COMPLETE';
  }

  async #update(
    was: Resource,
    wish: Wish,
    disturbances: readonly Disturbance[],
    { repeated, rolledBack, abandoned }: { repeated: boolean; rolledBack: boolean; abandoned: boolean },
  ): Promise<void> {
    if (JSON.stringify(wish) === JSON.stringify(was.wish)) return;
    const expected = this.#expected(wish);
    const before = this.#snapshot();
    const event = this.#event('Update', wish, was.physicalId, was.wish);
    this.#begin();
    const answer = await this.#deliver(event, disturbances);
    if (passes(disturbances)) this.#hold(answer?.Status === expected, `update: ${answer?.Status}, not ${expected}`);
    if (answer?.Status === 'SUCCESS') {
      this.#succeeded(answer, wish);
      const stale = Object.keys(was.wish.tags).filter((name) => !(name in wish.tags));
      const tags = this.#aws.providers.get(wish.name)?.tags ?? {};
      this.#hold(was.physicalId !== wish.name || !stale.some((name) => name in tags), 'a tag is left of before');
      if (rolledBack) return this.#rollBack({ physicalId: wish.name, wish }, was.wish, wish);
      if (repeated) await this.#again(event);
      this.#aws.status = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
      if (wish.name !== was.physicalId) await this.#cleanUp(was);
      this.#aws.status = 'UPDATE_COMPLETE';
      if (repeated) await this.#again(event);
      return;
    }
    this.#hold(answer === undefined || answer.PhysicalResourceId === was.physicalId, 'a failed update changed the id');
    if (disturbances.length === 0) this.#hold(this.#snapshot() === before, 'a refused update changed something');
    if (abandoned) return this.#destroy([]);
    await this.#rollBack(was, was.wish, wish);
  }

  /** CloudFormation goes back: from a failed update, or from one that succeeded in a stack that did not. */
  async #rollBack(now: Resource, wish: Wish, failed: Wish): Promise<void> {
    this.#aws.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    for (const secret of ['one', 'two', 'plain'] as const) this.#store(secret, 'good');
    if (this.#expected(wish) === 'FAILED') {
      // Nobody can go back to what somebody has taken away meanwhile: people have to help.
      this.#forget(wish.name);
    }
    const answer = await this.#deliverUntilSuccess(this.#event('Update', wish, now.physicalId, failed));
    this.#succeeded(answer, wish);
    this.#aws.status = 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS';
    if (now.physicalId !== wish.name) await this.#cleanUp(now);
    this.#aws.status = 'UPDATE_ROLLBACK_COMPLETE';
    const leftOver = this.#aws.providers.get(failed.name);
    const isLive = leftOver && isOurs(leftOver.tags) && leftOver.tags[tagNames.retired] !== 'true';
    this.#hold(failed.name === wish.name || !isLive, 'a failed replacement was left behind');
  }

  async #cleanUp({ physicalId, wish }: Resource): Promise<void> {
    const event = this.#event('Delete', wish, physicalId);
    await this.#deliverUntilSuccess(event);
    this.#letGo();
    await this.#again(event);
  }

  async #destroy(disturbances: readonly Disturbance[]): Promise<void> {
    const resource = this.#resource;
    if (!resource) return;
    // The stack of the agent depends on this one, and has gone before.
    this.#agentUses = undefined;
    this.#sessions.clear();
    this.#pinned = undefined;
    this.#formerlyPinned = undefined;
    this.#sessionsOfEndpoint.clear();
    this.#aws.status = 'DELETE_IN_PROGRESS';
    const deletion = () => this.#event('Delete', resource.wish, resource.physicalId);
    const answer = await this.#deliver(deletion(), disturbances);
    if (answer?.Status !== 'SUCCESS') await this.#deliverUntilSuccess(deletion());
    this.#resource = undefined;
    this.#nothingIsLeft('after the final delete');
    this.#aws.status = 'DELETE_COMPLETE';
    await this.#again(deletion());
  }

  /** The endpoint moves to a version that uses this provider, where it is there still. */
  async #pin(name: string | undefined): Promise<void> {
    if (!this.#agentUses || !name || !isOurs(this.#aws.providers.get(name)?.tags ?? {})) return;
    if (name !== this.#pinned) {
      if (this.#pinned) this.#sessionsOfEndpoint.set(this.#pinned, this.#aws.clock.time + sessionLifetime);
      this.#formerlyPinned = this.#pinned;
      this.#pinned = name;
    }
    await this.#moveAgent(this.#agentUses, []);
  }

  /** What the agent used before it used this, where that is there still and ours. */
  #former(): string | undefined {
    return [...this.#sessions.keys()].findLast(
      (name) => name !== this.#agentUses && isOurs(this.#aws.providers.get(name)?.tags ?? {}),
    );
  }

  async #moveAgent(name: string | undefined, disturbances: readonly Disturbance[]): Promise<void> {
    if (!this.#resource || !name) return;
    if (this.#agentUses) this.#sessions.set(this.#agentUses, this.#aws.clock.time + sessionLifetime);
    this.#agentUses = name;
    const event = {
      ...this.#event('Create', this.#resource.wish),
      StackId: `arn:aws:cloudformation:us-east-1:${account}:stack/agent/1`,
      LogicalResourceId: 'InUse',
      ResourceType: resourceTypes.inUse,
    } as CloudFormationCustomResourceEvent;
    Object.assign(event, {
      ResourceProperties: {
        ServiceToken: event.ServiceToken,
        ServiceTimeout: event.ResourceProperties.ServiceTimeout,
        CredentialProviderName: name,
        ...(this.#pinned && { PinnedCredentialProviderName: this.#pinned }),
        OwnerStackId: stackId,
        OwnerLogicalId: logicalId,
      },
    });
    this.#agentSaidSo = disturbances.length === 0 && isOurs(this.#aws.providers.get(name)?.tags ?? {});
    const answer = await this.#deliver(event, disturbances);
    this.#hold(answer === undefined || answer.Status === 'SUCCESS', 'the agent could not be deployed');
  }

  /** EventBridge's schedule: a refresh, at a time when the sessions of before have ended. */
  async #dayPasses(disturbances: readonly Disturbance[]): Promise<void> {
    if (!this.#resource) return;
    const { name } = this.#resource.wish;
    await this.#moveAgent(this.#agentUses, []);
    this.#aws.clock.time += 24 * 3_600_000;
    await this.#refresh('now', disturbances);
    const inUse = this.#aws.providers.get(this.#agentUses ?? '');
    if (disturbances.length > 0 || !this.#serves(this.#resource.wish) || !inUse || !isOurs(inUse.tags)) return;
    const left = [...this.#aws.providers].filter(
      ([other, { tags }]) => other !== name && other !== this.#agentUses && other !== this.#pinned && isOurs(tags),
    );
    this.#hold(left.length === 0, 'what no session uses any more was left behind');
  }

  async #refresh(of: 'now' | 'before', disturbances: readonly Disturbance[]): Promise<void> {
    const former = this.#sent.findLast(
      ({ LogicalResourceId, RequestType }) => LogicalResourceId === logicalId && RequestType === 'Update',
    );
    const old = former?.RequestType === 'Update' ? former.OldResourceProperties : undefined;
    const properties = of === 'now' ? this.#resource && propertiesOf(this.#resource.wish) : old;
    if (!properties) return;
    const { CredentialProviderName, SecretSource, SecretId, JsonKey } = properties as CredentialProviderProperties;
    const event: RefreshEvent = {
      refresh: {
        CredentialProviderName,
        SecretSource,
        SecretId,
        ...(JsonKey !== undefined && { JsonKey }),
        OwnerStackId: stackId,
        OwnerLogicalId: logicalId,
      },
      time: '2026-11-23T00:00:00Z',
    };
    const current = () => JSON.stringify(this.#aws.providers.get(this.#resource?.wish.name ?? ''));
    const before = current();
    const done = await this.#invoke(event, disturbances);
    const wish = this.#resource?.wish;
    if (!wish) return;
    const provider = this.#aws.providers.get(wish.name);
    if (!provider || !isOurs(provider.tags)) return;
    if (provider.key.source === 'MANAGED') {
      this.#hold(
        provider.key.apiKey.startsWith(`${canary}-${wish.secret}-`),
        'a refresh wrote the key of another secret',
      );
      if (of === 'now' && done === 'done') this.#isNewest(provider.key, wish, 'after a refresh');
    }
    if (of === 'before' && CredentialProviderName === wish.name && SecretId !== wish.secret)
      this.#hold(current() === before, 'a stale refresh wrote');
    if (of === 'now' && disturbances.length === 0) {
      this.#hold((done === 'done') === this.#serves(wish), `a refresh ${done}, and the secret does not say why`);
    }
  }

  /** An event that Lambda has kept until CloudFormation waits no longer. */
  async #late(which: number): Promise<void> {
    const event = this.#sent[which % Math.max(1, this.#sent.length)];
    if (!event) return;
    this.#aws.clock.time += 2 * serviceTimeout * 1_000;
    const before = this.#snapshot();
    const deletable = [...this.#deletable];
    const { status } = this.#aws;
    this.#aws.status = 'UPDATE_IN_PROGRESS';
    await this.#invoke(event, []);
    this.#aws.status = status;
    this.#deletable = new Set(deletable);
    this.#hold(this.#snapshot() === before, 'an event that came too late changed something');
  }

  /** Lambda delivers at least once. */
  async #again(event: CloudFormationCustomResourceEvent): Promise<void> {
    // The secret may have changed since: a second run may well write the newer key.
    const anyKey = () => this.#snapshot().replaceAll(/-\d+"/g, '"');
    const before = anyKey();
    await this.#deliver(event, []);
    this.#hold(anyKey() === before, `a second ${event.RequestType} changed something`);
  }

  async #deliverUntilSuccess(event: CloudFormationCustomResourceEvent): Promise<CloudFormationCustomResourceResponse> {
    const answer = await this.#deliver(event, []);
    if (answer?.Status !== 'SUCCESS') throw new Violation(`${event.RequestType} failed: ${answer?.Reason}`);
    return answer;
  }

  /** Lambda repeats a run that was killed, twice. */
  async #deliver(event: CloudFormationCustomResourceEvent, disturbances: readonly Disturbance[]): Promise<Answer> {
    let rest = disturbances;
    for (let attempt = 1; attempt <= 3; attempt++) {
      const outcome = await this.#invoke(event, rest);
      if (outcome !== 'killed') return outcome === 'done' || outcome === 'failed' ? undefined : outcome;
      rest = rest.slice(1);
      this.#aws.clock.time += 60_000;
    }
    this.#aws.clock.time += serviceTimeout * 1_000;
    return undefined;
  }

  async #invoke(
    event: CloudFormationCustomResourceEvent | RefreshEvent,
    disturbances: readonly Disturbance[],
    cancellation?: Cancellation,
  ): Promise<CloudFormationCustomResourceResponse | 'done' | 'failed' | 'killed'> {
    const answers: CloudFormationCustomResourceResponse[] = [];
    const words: string[] = [];
    let kill = () => {};
    const killed = new Promise<'killed'>((resolve) => {
      kill = () => resolve('killed');
    });
    if (cancellation) this.#cancelDuring(cancellation);
    else this.#disturb(disturbances, kill);
    this.#prepare(event);
    const surroundings = {
      calls: this.#aws,
      log: (entry: Record<string, string>) => void words.push(JSON.stringify(entry)),
      clock: this.#aws.clock,
      remainingTime: functionTimeout * 1_000,
    };
    const ran = this.#serve(event, surroundings, async (_url, response) => {
      answers.push(response);
    }).then(
      () => 'done' as const,
      (error: unknown) => {
        if (error instanceof Violation) throw error;
        words.push(String(error));
        return 'failed' as const;
      },
    );
    const outcome = await Promise.race([ran, killed]);
    this.#aws.trouble = {};
    this.#aws.quotes = false;
    this.#serving = undefined;
    this.#isCancelled = false;
    if (this.#violation) throw this.#violation;
    const said = [...words, ...answers.map((answer) => JSON.stringify(answer)), this.#tagsOfAll()].join('\n');
    this.#hold(!said.includes(canary), 'the key was said');
    this.#hold(!said.includes('X-Amz-Signature'), 'the ResponseURL was said');
    if (outcome === 'killed') return 'killed';
    const expected = 'refresh' in event ? 0 : 1;
    this.#hold(answers.length === expected, `answered ${answers.length} times, not ${expected}`);
    return answers[0] ?? outcome;
  }

  #prepare(event: CloudFormationCustomResourceEvent | RefreshEvent): void {
    if ('refresh' in event || event.ResourceType === resourceTypes.inUse) {
      this.#serving = { adopts: undefined };
      return;
    }
    const { AdoptExisting, CredentialProviderName, OnDelete } = event.ResourceProperties;
    const adopts =
      event.RequestType !== 'Delete' && AdoptExisting === 'true' ? String(CredentialProviderName) : undefined;
    this.#serving = { adopts };
    if (OnDelete === 'Delete') this.#deletable.add(String(CredentialProviderName));
  }

  #violation: Violation | undefined;

  /** What is said of a change, before it happens. */
  #watch(name: string, change: 'created' | 'updated' | 'deleted' | 'tagged'): void {
    const provider = this.#aws.providers.get(name);
    const because = (reason: string) => {
      // The handler would take it for an error of AWS: it is thrown when the run is over.
      this.#violation ??= new Violation(`${name} was ${change}: ${reason}`);
    };
    if (change === 'created' && !this.#isCancelled) return;
    if (this.#isCancelled) because('the deployment was cancelled');
    const mayAdopt = change === 'tagged' && this.#serving?.adopts === name;
    if (provider && !isOurs(provider.tags) && !mayAdopt) because('it is not ours');
    if (change !== 'deleted') return;
    if (name === this.#agentUses) because('the agent uses it');
    if (name === this.#pinned) because('the endpoint stays on a version that uses it');
    for (const sessions of [this.#sessions, this.#sessionsOfEndpoint]) {
      if ((sessions.get(name) ?? 0) > this.#aws.clock.time) because('a session uses it');
    }
    if (this.#madeByOthers.has(name) && !this.#deletable.has(name)) because('it was only adopted');
    this.#madeByOthers.delete(name);
  }

  /** What the handler was told last of each secret is what it may be held to. */
  #note(call: keyof Calls): void {
    if (call !== 'describeSecret') return;
    this.#described = new Map([...this.#aws.secrets].map(([name, { value }]) => [name, value]));
  }

  /** A change that was asked for is made before CloudFormation goes back; nothing is to be asked for afterwards. */
  #cancelDuring({ at, goBack }: Cancellation): void {
    let calls = -1;
    const cancel = async () => {
      if (calls !== at) return;
      this.#aws.trouble = {};
      try {
        await goBack();
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
        this.#violation ??= error;
      }
      this.#isCancelled = true;
    };
    this.#aws.trouble = {
      before: async (call) => {
        calls++;
        if (call === 'stackStatus') await cancel();
      },
      after: async (call) => {
        this.#note(call);
        if (call !== 'stackStatus') await cancel();
      },
    };
  }

  #disturb(disturbances: readonly Disturbance[], kill: () => void): void {
    let calls = -1;
    const at = (call: number) => disturbances.find((disturbance) => disturbance.at === call)?.what;
    this.#aws.trouble = {
      before: () => {
        calls++;
        switch (at(calls)) {
          case 'throttled':
            throw awsError('ThrottlingException', 'Rate exceeded');
          case 'fault':
            throw awsError('InternalServerException', 'Try again', 500);
          case 'denied':
            throw awsError('AccessDeniedException', 'Not authorized');
          case 'refused':
            throw awsError('ServiceQuotaExceededException', 'Too many', 402);
          case 'quoted':
            this.#aws.quotes = true;
            return;
          case 'changed':
            for (const secret of ['one', 'two', 'plain'] as const) this.#store(secret, 'good');
            return;
          case 'killed before':
            kill();
            return new Promise<void>(() => {});
        }
      },
      after: (call) => {
        this.#note(call);
        switch (at(calls)) {
          case 'answer lost':
            throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
          case 'killed after':
            kill();
            return new Promise<void>(() => {});
        }
      },
    };
  }

  #succeeded(answer: CloudFormationCustomResourceResponse, wish: Wish): void {
    this.#hold(answer.PhysicalResourceId === wish.name, `the id is ${answer.PhysicalResourceId}, not ${wish.name}`);
    this.#resource = { physicalId: answer.PhysicalResourceId, wish };
    if (wish.onDelete !== 'Delete') this.#deletable.delete(wish.name);
    const provider = this.#aws.providers.get(wish.name);
    if (!provider) throw new Violation('success, and there is no provider');
    const { key, tags } = provider;
    this.#hold(this.#mayStillUse(answer), `success, and the agent may not use ${this.#agentUses} until it has moved`);
    const isAdopted = tags[tagNames.adopted] === 'true';
    this.#hold(isOurs(tags), 'success, and it is not ours');
    this.#hold(isAdopted === this.#madeByOthers.has(wish.name), 'success, and adopted is wrong');
    this.#hold(!(tagNames.retired in tags), 'success, and it is retired');
    this.#hold(
      Object.entries(wish.tags).every(([name, value]) => tags[name] === value),
      'success, and tags are missing',
    );
    if (key.source !== wish.source) throw new Violation(`success, and it is ${key.source}`);
    if (key.source === 'EXTERNAL') {
      const wanted = this.#aws.secretArn(wish.secret);
      this.#hold(key.secretArn === wanted && key.jsonKey === wish.jsonKey, 'success, and it refers to something else');
    } else {
      this.#isNewest(key, wish, 'success');
    }
    const secretArn = this.#aws.secretArn(wish.secret);
    const copy = this.#aws.secretArn(`bedrock-agentcore-identity!default/apikey/${wish.name}`);
    const { SecretArn, ApiKeySecretArn } = answer.Data ?? {};
    this.#hold(SecretArn === secretArn, 'SecretArn is wrong');
    this.#hold(ApiKeySecretArn === (wish.source === 'MANAGED' ? copy : secretArn), 'ApiKeySecretArn is wrong');
  }

  /** The secret may change whenever it likes: the key must be the one of the last time that the handler looked. */
  #isNewest(key: KeySource & { source: 'MANAGED' }, wish: Wish, when: string): void {
    this.#hold(
      key.apiKey === keyIn(this.#described.get(wish.secret), wish.jsonKey),
      `${when}, and the key is an old one`,
    );
  }

  #nothingIsLeft(when: string): void {
    const left = [...this.#aws.providers].filter(([, { tags }]) => isOurs(tags)).map(([name]) => name);
    this.#hold(left.length === 0, `${left.join()} is left ${when}`);
    for (const name of this.#madeByOthers) {
      const tags = Object.keys(this.#aws.providers.get(name)?.tags ?? {});
      this.#hold(!tags.some((tag) => tag.startsWith('outbound-auth:')), `${name} has tags of ours ${when}`);
      this.#hold(tags.includes('theirs'), `${name} has lost a tag of theirs ${when}`);
    }
    this.#letGo();
  }

  /** What was retained is nobody's from then on. */
  #letGo(): void {
    for (const [name, { tags }] of this.#aws.providers) {
      if (isOurs(tags)) continue;
      // With our tags went what the agent has said.
      if (name === this.#agentUses) this.#agentSaidSo = false;
      this.#madeByOthers.add(name);
      tags.theirs = 'yes';
    }
  }

  /** The role of the agent gets the provider of now and the one that is said to be the former, before the agent moves. */
  #mayStillUse({ Data = {}, PhysicalResourceId }: CloudFormationCustomResourceResponse): boolean {
    const used = this.#agentUses;
    if (!used || !this.#agentSaidSo || !isOurs(this.#aws.providers.get(used)?.tags ?? {})) return true;
    const named = [PhysicalResourceId, Data.FormerCredentialProviderName];
    if (used !== PhysicalResourceId) return named.includes(used);
    // The agent has moved: then it is its open sessions' turn. What the endpoint stays on, the role knows by itself.
    const last = this.#lastOpen();
    return last === undefined || [...named, this.#pinned, this.#formerlyPinned].includes(last);
  }

  /**
   * What those of the agent's sessions use that were begun last, before it moved to what it uses. A deployment back to that
   * one, if it fails, takes the note of it away.
   */
  #lastOpen(): string | undefined {
    const [last] = [...this.#sessions]
      .filter(([name, until]) => name !== this.#agentUses && until > this.#aws.clock.time)
      .filter(([name]) => {
        const tags = this.#aws.providers.get(name)?.tags ?? {};
        return isOurs(tags) && tagNames.usedUntil in tags;
      })
      .sort(([, a], [, b]) => b - a);
    return last?.[0];
  }

  #expected(wish: Wish): 'SUCCESS' | 'FAILED' {
    const existing = this.#aws.providers.get(wish.name);
    const isTakeable = !existing || ((isOurs(existing.tags) || wish.adopt) && existing.key.source === wish.source);
    return isTakeable && this.#serves(wish) ? 'SUCCESS' : 'FAILED';
  }

  #serves({ secret, jsonKey, source }: Wish): boolean {
    const key = keyIn(this.#aws.secrets.get(secret)?.value, jsonKey);
    return (
      (jsonKey !== undefined || source === 'MANAGED') && key !== undefined && key.startsWith(canary) && !/\s/.test(key)
    );
  }

  #store(secret: Wish['secret'], value: 'good' | 'placeholder' | 'line end' | 'missing'): void {
    if (value === 'missing') {
      this.#aws.secrets.delete(secret);
      return;
    }
    const make = (jsonKey: string) => {
      const key = `${canary}-${secret}-${jsonKey}-${++this.#values}`;
      return { good: key, placeholder: 'changeme', 'line end': `${key}\n` }[value];
    };
    const text = secret === 'plain' ? make('') : JSON.stringify({ apiKey: make('apiKey'), other: make('other') });
    // Ids of versions never come again, not even for a secret that is made anew.
    this.#aws.secrets.set(secret, { value: text, version: ++this.#values });
  }

  #forget(name: string): void {
    // With the provider its tags are gone, and with them what the agent has said.
    if (name === this.#agentUses) this.#agentSaidSo = false;
    this.#aws.providers.delete(name);
    this.#madeByOthers.delete(name);
  }

  #event(
    RequestType: 'Create' | 'Update' | 'Delete',
    wish: Wish,
    PhysicalResourceId?: string,
    old?: Wish,
  ): CloudFormationCustomResourceEvent {
    const now = new Date(this.#aws.clock.time).toISOString().replace(/[-:]|\.\d+/g, '');
    const event = {
      RequestType,
      ResponseURL: `https://example.com/?X-Amz-Date=${now}&X-Amz-Signature=secret`,
      StackId: stackId,
      RequestId: `request-${++this.#requests}`,
      LogicalResourceId: logicalId,
      ResourceType: resourceTypes.credentialProvider,
      ServiceToken: 'arn:of-the-function',
      PhysicalResourceId,
      ResourceProperties: propertiesOf(wish),
      ...(old && { OldResourceProperties: propertiesOf(old) }),
    } as CloudFormationCustomResourceEvent;
    this.#sent.push(event);
    return event;
  }

  #snapshot(): string {
    return JSON.stringify([...this.#aws.providers].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #tagsOfAll(): string {
    return JSON.stringify([...this.#aws.providers.values()].map(({ tags }) => tags));
  }

  /** CloudFormation goes forward. */
  #begin(): void {
    this.#aws.status = this.#resource ? 'UPDATE_IN_PROGRESS' : 'CREATE_IN_PROGRESS';
  }

  #hold(isTrue: boolean, otherwise: string): void {
    if (!isTrue) throw new Violation(otherwise);
  }
}

function propertiesOf({ name, source, secret, jsonKey, adopt, onDelete, tags }: Wish) {
  return {
    ServiceToken: 'arn:of-the-function',
    ServiceTimeout: String(serviceTimeout),
    CredentialProviderName: name,
    SecretSource: source,
    SecretId: secret,
    ...(jsonKey !== undefined && { JsonKey: jsonKey }),
    AdoptExisting: adopt ? 'true' : 'false',
    ...(onDelete && { OnDelete: onDelete }),
    Tags: JSON.stringify(tags),
  } satisfies CredentialProviderProperties & Record<string, string>;
}

/** What passes by itself must not be seen at all. */
function passes(disturbances: readonly Disturbance[]): boolean {
  return disturbances.every(({ what }) => ['throttled', 'fault', 'answer lost'].includes(what));
}

function isOurs(tags: Record<string, string>): boolean {
  return tags[tagNames.stackId] === stackId && tags[tagNames.logicalId] === logicalId;
}

function keyIn(text: string | undefined, jsonKey: string | undefined): string | undefined {
  if (text === undefined || jsonKey === undefined) return text?.startsWith('{') ? undefined : text;
  return text.startsWith('{') ? (JSON.parse(text) as Record<string, string>)[jsonKey] : undefined;
}

function theirs(source: Wish['source']): KeySource {
  return source === 'MANAGED'
    ? { source, apiKey: 'theirs' }
    : { source, secretArn: `arn:aws:secretsmanager:us-east-1:${account}:secret:theirs-AbCdEf`, jsonKey: 'theirs' };
}
