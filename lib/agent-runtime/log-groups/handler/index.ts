import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { answer } from '../../../custom-resource/handler/answer.ts';
import { log } from '../../../custom-resource/handler/log.ts';
import { systemClock as clock } from '../../../custom-resource/handler/patience.ts';
import { awsCalls } from './aws-calls.ts';
import { run } from './run.ts';

const calls = awsCalls();

/** Entry of the Lambda function behind the log groups of a runtime. */
export async function handler(
  event: CloudFormationCustomResourceEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<void> {
  const response = await run(event, { calls, log, clock, remainingTime: context.getRemainingTimeInMillis() });
  await answer(event.ResponseURL, response, log);
}
