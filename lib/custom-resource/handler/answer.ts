import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudFormationCustomResourceResponse } from 'aws-lambda';
import type { Log } from './log.ts';

/** Sends the answer of one event to CloudFormation. Never fails: Lambda would repeat what was done. */
export type Answer = (responseUrl: string, response: CloudFormationCustomResourceResponse, log: Log) => Promise<void>;

/** CloudFormation reads at most 4,096 bytes; the rest of an answer of ours is well below the difference. */
const longestReason = 1_500;

const tries = 5;
/** Milliseconds. All tries, and what is slept between them, take less than the 15 s that a run leaves for them. */
const longestTry = 2_500;
const firstDelay = 150;

/**
 * Tells CloudFormation how it ended. The URL is a credential of its own and is written nowhere.
 *
 * An answer that CloudFormation took in none of the tries is a line of the log and no error, with which Lambda would
 * repeat the whole event: `ServiceTimeout` ends the wait.
 */
export async function answer(
  responseUrl: string,
  response: CloudFormationCustomResourceResponse,
  log: Log,
): Promise<void> {
  const { Status, Reason, StackId, LogicalResourceId } = response;
  const body = JSON.stringify({ ...response, Reason: Reason?.slice(0, longestReason) });
  let problem = await put(responseUrl, body);
  for (let attempt = 1; problem !== undefined && attempt < tries; attempt++) {
    await sleep(Math.random() * firstDelay * 2 ** (attempt - 1));
    problem = await put(responseUrl, body);
  }
  if (problem === undefined) return;
  log({
    level: 'error',
    message: `CloudFormation did not take the answer ${Status}: ${problem}`,
    stackId: StackId,
    logicalId: LogicalResourceId,
  });
}

/** @returns what went wrong, in words that hold nothing of the URL */
async function put(url: string, body: string): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(longestTry);
    const { ok, status } = await fetch(url, { method: 'PUT', body, headers: { 'content-type': '' }, signal });
    return ok ? undefined : `status ${status}`;
  } catch (error) {
    const { name, cause } = error as { name?: unknown; cause?: { code?: unknown } };
    if (name === 'TimeoutError') return `silence for ${longestTry} ms`;
    return typeof cause?.code === 'string' ? cause.code : 'no connection';
  }
}
