import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import type { RefreshEvent } from '../resource-properties.ts';
import { answer } from './answer.ts';
import { awsCalls } from './aws-calls.ts';
import { serve } from './serve.ts';

const calls = awsCalls();
const clock = { now: Date.now, sleep: (milliseconds: number) => sleep(milliseconds), random: Math.random };

/** Entry of the Lambda function behind the custom resources, and behind the rule that watches the secret. */
export async function handler(
  event: CloudFormationCustomResourceEvent | RefreshEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<void> {
  const log = (entry: Record<string, string>) => console.log(JSON.stringify(entry));
  await serve(event, { calls, log, clock, remainingTime: context.getRemainingTimeInMillis() }, answer);
}
