import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { Answer } from '../../custom-resource/handler/answer.ts';
import type { RefreshEvent } from '../resource-properties.ts';
import { run, runRefresh, type Surroundings } from './run.ts';

/** Serves one event: of CloudFormation, which waits for exactly one answer, or of EventBridge, which waits for none. */
export async function serve(
  event: CloudFormationCustomResourceEvent | RefreshEvent,
  surroundings: Surroundings,
  answer: Answer,
): Promise<void> {
  if ('refresh' in event) return runRefresh(event, surroundings);
  await answer(event.ResponseURL, await run(event, surroundings), surroundings.log);
}
