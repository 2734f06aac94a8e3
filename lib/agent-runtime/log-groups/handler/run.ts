import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import { type Applied, answerOf, timeToWork } from '../../../custom-resource/handler/answer-of.ts';
import type { Log } from '../../../custom-resource/handler/log.ts';
import { type Clock, Patience } from '../../../custom-resource/handler/patience.ts';
import {
  type RuntimeLogGroupsProperties,
  type RuntimeLogGroupsRemovalProperties,
  resourceTypes,
} from '../resource-properties.ts';
import type { Calls } from './calls.ts';
import { removeOwn } from './remove.ts';
import { settle } from './settle.ts';
import { refuseOthers, wantedLogGroups } from './wanted.ts';
import { type Work, workOf } from './work.ts';

/** What the handler finds around it. */
export interface Surroundings {
  readonly calls: Calls;
  readonly log: Log;
  /** Its `now` is the time since 1970. */
  readonly clock: Clock;
  /** Milliseconds until Lambda ends the function. */
  readonly remainingTime: number;
}

/** Begins the id of a create that failed: there is nothing to delete for it. */
const createFailed = 'create-failed:';

/**
 * Does what one event of CloudFormation asks for.
 *
 * @returns the answer for CloudFormation; a failure is an answer too, with the reason in one sentence
 */
export function run(
  event: CloudFormationCustomResourceEvent,
  { calls, ...around }: Surroundings,
): Promise<CloudFormationCustomResourceResponse> {
  return answerOf(event, around, {
    apply: (remainingTime) => {
      const patience = new Patience(around.clock, timeToWork(remainingTime));
      const work = workOf(calls, patience, event.StackId, event.RequestType !== 'Delete');
      return event.ResourceType === resourceTypes.removal ? removal(event, work) : logGroups(event, work);
    },
    idOfFailedCreate: () => `${createFailed}${event.LogicalResourceId}`,
  });
}

async function logGroups(event: CloudFormationCustomResourceEvent, work: Work): Promise<Applied> {
  const physicalId = idOf(event);
  if (event.RequestType === 'Delete') return { physicalId, done: 'the log groups stay until the runtime is gone' };
  const wanted = wantedLogGroups(propertiesOf(event.ResourceProperties), event.StackId);
  const former =
    event.RequestType === 'Update'
      ? wantedLogGroups(propertiesOf(event.OldResourceProperties), event.StackId)
      : undefined;
  return { physicalId, done: await settle(work, wanted, former) };
}

async function removal(event: CloudFormationCustomResourceEvent, work: Work): Promise<Applied> {
  const physicalId = idOf(event);
  if (event.RequestType !== 'Delete' || physicalId.startsWith(createFailed)) {
    return { physicalId, done: 'nothing to do' };
  }
  const { LogGroupNamePrefix, OnDelete } = event.ResourceProperties as unknown as RuntimeLogGroupsRemovalProperties;
  if (OnDelete !== 'Delete') return { physicalId, done: 'the log groups are kept' };
  refuseOthers(LogGroupNamePrefix);
  const removed = await removeOwn(work, LogGroupNamePrefix);
  return { physicalId, done: `deleted: ${removed.join(', ') || 'nothing'}` };
}

/** It never changes: CloudFormation would ask to delete what it knows by another one. */
function idOf(event: CloudFormationCustomResourceEvent): string {
  return event.RequestType === 'Create' ? event.LogicalResourceId : event.PhysicalResourceId;
}

function propertiesOf(properties: object): RuntimeLogGroupsProperties {
  return properties as RuntimeLogGroupsProperties;
}
