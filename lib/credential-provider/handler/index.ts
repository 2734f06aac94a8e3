import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { answer } from '../../custom-resource/handler/answer.ts';
import { log } from '../../custom-resource/handler/log.ts';
import { systemClock as clock } from '../../custom-resource/handler/patience.ts';
import type { RefreshEvent } from '../resource-properties.ts';
import { awsCalls } from './aws-calls.ts';
import { serve } from './serve.ts';

const calls = awsCalls();

/** Entry of the Lambda function behind the custom resources, and behind the rule that watches the secret. */
export async function handler(
  event: CloudFormationCustomResourceEvent | RefreshEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<void> {
  await serve(event, { calls, log, clock, remainingTime: context.getRemainingTimeInMillis() }, answer);
}
