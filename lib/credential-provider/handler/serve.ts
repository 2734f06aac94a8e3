import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import type { RefreshEvent } from '../resource-properties.ts';
import { type Log, run, runRefresh, type Surroundings } from './run.ts';

/** Sends the answer of one event to CloudFormation. Never fails: Lambda would repeat what was done. */
export type Answer = (responseUrl: string, response: CloudFormationCustomResourceResponse, log: Log) => Promise<void>;

/** Serves one event: of CloudFormation, which waits for exactly one answer, or of EventBridge, which waits for none. */
export async function serve(
  event: CloudFormationCustomResourceEvent | RefreshEvent,
  surroundings: Surroundings,
  answer: Answer,
): Promise<void> {
  if ('refresh' in event) return runRefresh(event, surroundings);
  await answer(event.ResponseURL, await run(event, surroundings), surroundings.log);
}
