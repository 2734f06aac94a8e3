import type {
  CloudFormationCustomResourceEvent,
  CloudFormationCustomResourceResponse,
  CloudFormationCustomResourceUpdateEvent,
} from 'aws-lambda';
import {
  type CredentialProviderInUseProperties,
  type CredentialProviderProperties,
  type RefreshEvent,
  resourceTypes,
} from '../resource-properties.ts';
import type { Calls } from './calls.ts';
import { reasonOf } from './faults.ts';
import { create, type Outcome, update, type Work } from './lifecycle.ts';
import type { Owner } from './ownership.ts';
import { type Clock, Patience } from './patience.ts';
import { refresh } from './refresh.ts';
import { Refusal } from './refusal.ts';
import { remove } from './removal.ts';
import { noteInUse, removeUnused } from './retirement.ts';
import { formerProvider, wantedProvider } from './wanted.ts';

/**
 * Begins the id of a create that failed, which cannot be the name of a provider: the delete that CloudFormation sends for
 * it then looks for what the create may have made.
 */
export const createFailed = 'create-failed:';

/** One line of the log: never the event, which holds the ResponseURL. */
export type Log = (entry: Record<string, string>) => void;

/** What the handler finds around it. */
export interface Surroundings {
  readonly calls: Calls;
  readonly log: Log;
  /** Its `now` is the time since 1970. */
  readonly clock: Clock;
  /** Milliseconds until Lambda ends the function. */
  readonly remainingTime: number;
}

/** Left of Lambda's time for the answer, its own retries included. */
const timeToAnswer = 15_000;

/**
 * Does what one event of CloudFormation asks for.
 *
 * @returns the answer for CloudFormation; a failure is an answer too, with the reason in one sentence
 */
export async function run(
  event: CloudFormationCustomResourceEvent,
  { log, ...surroundings }: Surroundings,
): Promise<CloudFormationCustomResourceResponse> {
  const { RequestType, StackId, RequestId, LogicalResourceId } = event;
  const about = { requestType: RequestType, stackId: StackId, logicalId: LogicalResourceId };
  const identification = { StackId, RequestId, LogicalResourceId };
  try {
    const remaining = timeUntilTimeout(event, surroundings.clock.now());
    if (remaining <= 0) throw new Refusal('The event came too late: CloudFormation waits for its answer no longer.');
    const remainingTime = Math.min(surroundings.remainingTime, remaining);
    const { physicalId, attributes, done } = await apply(event, { ...surroundings, remainingTime });
    log({ level: 'info', message: done ?? 'done', ...about, physicalId });
    return {
      Status: 'SUCCESS',
      PhysicalResourceId: physicalId,
      ...identification,
      ...(attributes && { Data: { ...attributes } }),
    };
  } catch (error) {
    const reason = reasonOf(error);
    log({ level: 'error', message: reason, ...about });
    return { Status: 'FAILED', Reason: reason, PhysicalResourceId: physicalIdAfterFailure(event), ...identification };
  }
}

/**
 * Does what the news of a changed secret, or the day, asks for: brings the provider up to date, and removes the retired
 * ones that no session uses any more.
 *
 * @throws Error so that Lambda tries again and then passes the event on to the dead-letter queue
 */
export async function runRefresh(event: RefreshEvent, { log, ...surroundings }: Surroundings): Promise<void> {
  const { OwnerStackId: stackId, OwnerLogicalId: logicalId, CredentialProviderName: name } = event.refresh;
  const about = {
    requestType: 'Refresh',
    stackId,
    logicalId,
    physicalId: name,
    ...(event.time && { time: event.time }),
    ...(event.eventName && { eventName: event.eventName }),
  };
  try {
    const work = workFor(surroundings, { stackId, logicalId }, false);
    const done = await refresh(work, event.refresh);
    const removed = await removeUnused(work, surroundings.clock.now());
    log({ level: 'info', message: done, ...about, ...(removed.length > 0 && { removed: removed.join(', ') }) });
  } catch (error) {
    const reason = reasonOf(error);
    log({ level: 'error', message: reason, ...about });
    // Lambda logs what is thrown, with the words of its cause: a new error has only ours.
    throw new Error(`The credential provider ${name} was not refreshed: ${reason}`);
  }
}

type Applied = Pick<Outcome, 'physicalId'> & Partial<Outcome> & { readonly done?: string };

async function apply(
  event: CloudFormationCustomResourceEvent,
  surroundings: Omit<Surroundings, 'log'>,
): Promise<Applied> {
  if (event.ResourceType === resourceTypes.inUse) return inUse(event, surroundings);
  const properties = propertiesOf(event.ResourceProperties);
  const owner = { stackId: event.StackId, logicalId: event.LogicalResourceId };
  switch (event.RequestType) {
    case 'Create':
      return create(workFor(surroundings, owner, true), wantedProvider(properties));
    case 'Update':
      return update(
        workFor(surroundings, owner, policiesMayBeNew(event)),
        event.PhysicalResourceId,
        wantedProvider(properties),
        formerProvider(propertiesOf(event.OldResourceProperties)),
      );
    case 'Delete': {
      const done = await remove(
        workFor(surroundings, owner, false),
        event.PhysicalResourceId,
        formerProvider(properties),
      );
      return { physicalId: event.PhysicalResourceId, done };
    }
  }
}

/** Never fails: what it leaves behind harms nobody. */
async function inUse(
  event: CloudFormationCustomResourceEvent,
  surroundings: Omit<Surroundings, 'log'>,
): Promise<Applied> {
  if (event.RequestType === 'Delete') return { physicalId: event.PhysicalResourceId };
  const physicalId = event.RequestType === 'Create' ? event.LogicalResourceId : event.PhysicalResourceId;
  const properties = event.ResourceProperties as unknown as CredentialProviderInUseProperties;
  const owner = { stackId: properties.OwnerStackId, logicalId: properties.OwnerLogicalId };
  try {
    const work = workFor(surroundings, owner, false);
    const unused = await noteInUse(work, properties.CredentialProviderName, surroundings.clock.now());
    return { physicalId, done: `no longer in use: ${unused.join(', ') || 'nothing'}` };
  } catch (error) {
    return { physicalId, done: `could not note what is no longer in use: ${reasonOf(error)}` };
  }
}

function workFor(
  { calls, clock, remainingTime }: Omit<Surroundings, 'log'>,
  owner: Owner,
  policiesAreNew: boolean,
): Work {
  const patience = new Patience(clock, Math.max(0, remainingTime - timeToAnswer));
  return { calls: patience.calls(calls, policiesAreNew), patience, owner };
}

/**
 * Milliseconds until CloudFormation no longer waits for the answer: it has signed the ResponseURL when it sent the event.
 * Lambda repeats a run that was killed, and may do so when the rollback is over.
 */
function timeUntilTimeout({ ResponseURL, ResourceProperties }: CloudFormationCustomResourceEvent, now: number): number {
  const signed = /[?&]X-Amz-Date=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(ResponseURL);
  if (!signed) return Number.POSITIVE_INFINITY;
  const [year = 0, month = 0, ...rest] = signed.slice(1).map(Number);
  const seconds = Number(ResourceProperties.ServiceTimeout ?? 3_600);
  return Date.UTC(year, month - 1, ...(rest as [number])) + seconds * 1_000 - now;
}

/** The role's policies name the provider and the secret: with these, they have just changed too. */
function policiesMayBeNew({
  ResourceProperties,
  OldResourceProperties,
}: CloudFormationCustomResourceUpdateEvent): boolean {
  const [now, before] = [propertiesOf(ResourceProperties), propertiesOf(OldResourceProperties)];
  return now.CredentialProviderName !== before.CredentialProviderName || now.SecretId !== before.SecretId;
}

function physicalIdAfterFailure(event: CloudFormationCustomResourceEvent): string {
  if (event.RequestType !== 'Create') return event.PhysicalResourceId;
  return `${createFailed}${propertiesOf(event.ResourceProperties).CredentialProviderName}`;
}

function propertiesOf(properties: object): CredentialProviderProperties {
  return properties as CredentialProviderProperties;
}
