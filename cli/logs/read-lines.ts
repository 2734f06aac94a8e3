import { type CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { type AgentLine, parseLine } from './agent-line.ts';
import type { EndpointLogGroup } from './log-groups.ts';

/** What is asked of a log group. */
export interface LinesWanted {
  /** Milliseconds since 1970. */
  readonly from: number;
  /** Words that a line must contain, one beside the other. */
  readonly phrase?: string;
}

/** An event with what tells it from the others. */
export interface IdentifiedLine extends AgentLine {
  readonly id: string;
}

/** Most events that one reading takes from a log group: who has more wants a query, not a command. */
export const longest = 50_000;

/**
 * The lines of a log group, oldest first.
 *
 * @returns none for a group that is gone by now
 */
export async function linesOf(
  client: CloudWatchLogsClient,
  { name: logGroupName, endpoint }: EndpointLogGroup,
  { from, phrase }: LinesWanted,
): Promise<IdentifiedLine[]> {
  const lines: IdentifiedLine[] = [];
  const input = { logGroupName, startTime: from, ...(phrase && { filterPattern: `"${phrase}"` }) };
  try {
    for await (const { events = [] } of paginateFilterLogEvents({ client }, input)) {
      for (const { eventId: id = '', timestamp = 0, message: text = '' } of events) {
        lines.push({ id, time: new Date(timestamp), endpoint, text, fields: parseLine(text) });
      }
      if (lines.length >= longest) break;
    }
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
  }
  return lines;
}

/** The lines of several log groups as one log. */
export async function linesOfAll(
  client: CloudWatchLogsClient,
  groups: readonly EndpointLogGroup[],
  wanted: LinesWanted,
): Promise<IdentifiedLine[]> {
  const all = await Promise.all(groups.map((group) => linesOf(client, group, wanted)));
  return all.flat().sort((a, b) => a.time.getTime() - b.time.getTime());
}
