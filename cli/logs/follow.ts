import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { type EndpointLogGroup, logGroupsOf } from './log-groups.ts';
import { type IdentifiedLine, type LinesWanted, linesOfAll } from './read-lines.ts';

/** Milliseconds between two looks: CloudWatch Logs lets an account filter five times a second in some Regions. */
const pause = 2_000;
/** How much later than its time an event may arrive, in milliseconds. */
const latest = 30_000;

/**
 * The lines of a runtime as they come, those from `from` on first, until the signal aborts.
 *
 * @param onNoGroups called once, where there is no log group yet
 */
export async function* follow(
  client: CloudWatchLogsClient,
  runtimeId: string,
  { from, phrase }: LinesWanted,
  signal: AbortSignal,
  onNoGroups: () => void,
): AsyncGenerator<IdentifiedLine> {
  const shown = new Map<string, number>();
  let start = from;
  let told = false;
  while (!signal.aborted) {
    const groups: EndpointLogGroup[] = await logGroupsOf(client, runtimeId);
    if (groups.length === 0 && !told) onNoGroups();
    told = true;
    const lines = await linesOfAll(client, groups, { from: start, ...(phrase && { phrase }) });
    for (const line of lines) {
      const key = `${line.endpoint} ${line.id}`;
      if (shown.has(key)) continue;
      shown.set(key, line.time.getTime());
      yield line;
    }
    const newest = lines.at(-1)?.time.getTime() ?? start;
    start = Math.max(start, newest - latest);
    for (const [key, time] of shown) if (time < start) shown.delete(key);
    await sleep(pause, undefined, { signal }).catch(() => {});
  }
}
