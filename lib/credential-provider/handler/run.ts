import type {
  CloudFormationCustomResourceEvent,
  CloudFormationCustomResourceResponse,
  CloudFormationCustomResourceUpdateEvent,
} from 'aws-lambda';
import { type Applied, answerOf, timeToWork } from '../../custom-resource/handler/answer-of.ts';
import { reasonOf } from '../../custom-resource/handler/faults.ts';
import type { Log } from '../../custom-resource/handler/log.ts';
import type { Clock } from '../../custom-resource/handler/patience.ts';
import {
  type CredentialProviderInUseProperties,
  type CredentialProviderProperties,
  type RefreshEvent,
  resourceTypes,
} from '../resource-properties.ts';
import type { Calls } from './calls.ts';
import { onlyDuring, type Phase, phaseFor } from './deployment.ts';
import { create, update, type Work } from './lifecycle.ts';
import type { Owner } from './ownership.ts';
import { ProviderPatience } from './provider-patience.ts';
import { refresh } from './refresh.ts';
import { createFailed, createUnseen, remove } from './removal.ts';
import { noteInUse, removeUnused } from './retirement.ts';
import { Unseen } from './unseen.ts';
import { formerProvider, wantedProvider } from './wanted.ts';

/** What the handler finds around it. */
export interface Surroundings {
  readonly calls: Calls;
  readonly log: Log;
  /** Its `now` is the time since 1970. */
  readonly clock: Clock;
  /** Milliseconds until Lambda ends the function. */
  readonly remainingTime: number;
}

/** Milliseconds: a call that takes longer is given up. */
const longestCall = 12_000;

/**
 * Does what one event of CloudFormation asks for.
 *
 * @returns the answer for CloudFormation; a failure is an answer too, with the reason in one sentence
 */
export function run(
  event: CloudFormationCustomResourceEvent,
  { log, ...surroundings }: Surroundings,
): Promise<CloudFormationCustomResourceResponse> {
  return answerOf(
    event,
    { ...surroundings, log },
    {
      apply: (remainingTime) => apply(event, { ...surroundings, remainingTime }),
      idOfFailedCreate: (error) =>
        `${error instanceof Unseen ? createUnseen : createFailed}${propertiesOf(event.ResourceProperties).CredentialProviderName}`,
    },
  );
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
    const work = workBesides(surroundings, { stackId, logicalId });
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

async function apply(
  event: CloudFormationCustomResourceEvent,
  surroundings: Omit<Surroundings, 'log'>,
): Promise<Applied> {
  if (event.ResourceType === resourceTypes.inUse) return inUse(event, surroundings);
  const properties = propertiesOf(event.ResourceProperties);
  const { RequestType: requestType, StackId: stackId, LogicalResourceId: logicalId } = event;
  const { work, phase } = await workFor(event, surroundings, { stackId, logicalId });
  switch (requestType) {
    case 'Create':
      return create(work, wantedProvider(properties));
    case 'Update':
      // A run that this goes back from may be in the middle of a change, and makes no further one.
      if (phase === 'back') await surroundings.clock.sleep(longestCall);
      return update(
        work,
        event.PhysicalResourceId,
        wantedProvider(properties),
        formerProvider(propertiesOf(event.OldResourceProperties)),
      );
    case 'Delete': {
      const done = await remove(work, event.PhysicalResourceId, formerProvider(properties), phase);
      return { physicalId: event.PhysicalResourceId, done };
    }
  }
}

/** How the handler works for an event of CloudFormation: only as long as that waits for it. */
async function workFor(
  event: CloudFormationCustomResourceEvent,
  { calls, ...surroundings }: Omit<Surroundings, 'log'>,
  owner: Owner,
): Promise<{ work: Work; phase: Phase }> {
  const patience = patienceFor(surroundings);
  const policiesAreNew = event.RequestType === 'Create' || (event.RequestType === 'Update' && policiesMayBeNew(event));
  const phase = await phaseFor(event.RequestType, owner.stackId, patience.calls(calls, policiesAreNew));
  const careful = onlyDuring(phase, owner.stackId, calls);
  return { work: { calls: patience.calls(careful, policiesAreNew), patience, owner }, phase };
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
    const work = workBesides(surroundings, owner);
    const { CredentialProviderName: name, PinnedCredentialProviderName: pinnedName } = properties;
    const unused = await noteInUse(work, { name, pinnedName }, surroundings.clock.now());
    return { physicalId, done: `no longer in use: ${unused.join(', ') || 'nothing'}` };
  } catch (error) {
    return { physicalId, done: `could not note what is no longer in use: ${reasonOf(error)}` };
  }
}

function workBesides({ calls, ...surroundings }: Omit<Surroundings, 'log'>, owner: Owner): Work {
  const patience = patienceFor(surroundings);
  return { calls: patience.calls(calls, false), patience, owner };
}

function patienceFor({ clock, remainingTime }: Pick<Surroundings, 'clock' | 'remainingTime'>): ProviderPatience {
  return new ProviderPatience(clock, timeToWork(remainingTime));
}

/** The role's policies name the provider and the secret: with these, they have just changed too. */
function policiesMayBeNew({
  ResourceProperties,
  OldResourceProperties,
}: CloudFormationCustomResourceUpdateEvent): boolean {
  const [now, before] = [propertiesOf(ResourceProperties), propertiesOf(OldResourceProperties)];
  return now.CredentialProviderName !== before.CredentialProviderName || now.SecretId !== before.SecretId;
}

function propertiesOf(properties: object): CredentialProviderProperties {
  return properties as CredentialProviderProperties;
}
