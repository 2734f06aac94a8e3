import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { logGroupsOf } from '../logs/log-groups.ts';
import { linesOfAll } from '../logs/read-lines.ts';

/** Errors of one code. */
export interface ErrorStatus {
  readonly code: string;
  readonly count: number;
  readonly newest: Date;
}

/** What the agent's lines of errors say, among those that have a code. */
const phrases = ['invocation failed', 'tool has no key'];

/** The errors that the agent has logged since a time, the newest first. */
export async function readErrors(
  client: CloudWatchLogsClient,
  runtimeId: string,
  from: number,
): Promise<ErrorStatus[]> {
  const groups = await logGroupsOf(client, runtimeId);
  const lines = await Promise.all(phrases.map((phrase) => linesOfAll(client, groups, { from, phrase })));
  const byCode = Map.groupBy(
    lines.flat().filter(({ fields }) => fields?.code !== undefined),
    ({ fields }) => String(fields?.code),
  );
  return [...byCode]
    .map(([code, found]) => ({
      code,
      count: found.length,
      newest: new Date(Math.max(...found.map(({ time }) => time.getTime()))),
    }))
    .sort((a, b) => b.newest.getTime() - a.newest.getTime());
}
