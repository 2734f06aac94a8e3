import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudFormationCustomResourceResponse } from 'aws-lambda';

/** CloudFormation reads at most 4,096 bytes; the rest of an answer of ours is well below the difference. */
const longestReason = 1_500;

/**
 * Tells CloudFormation how it ended. The URL is a credential of its own and is written nowhere.
 *
 * @throws Error when CloudFormation took the answer in none of the tries; `serviceTimeout` then ends the wait
 */
export async function answer(responseUrl: string, response: CloudFormationCustomResourceResponse): Promise<void> {
  const body = JSON.stringify({ ...response, Reason: response.Reason?.slice(0, longestReason) });
  const tries = 5;
  for (let attempt = 1; ; attempt++) {
    const problem = await put(responseUrl, body);
    if (problem === undefined) return;
    if (attempt === tries) throw new Error(`CloudFormation did not take the answer: ${problem}`);
    await sleep(Math.random() * 200 * 2 ** attempt);
  }
}

async function put(url: string, body: string): Promise<string | undefined> {
  try {
    const { ok, status } = await fetch(url, { method: 'PUT', body, headers: { 'content-type': '' } });
    return ok ? undefined : `status ${status}`;
  } catch (error) {
    return error instanceof Error && error.cause instanceof Error ? error.cause.message : 'no connection';
  }
}
