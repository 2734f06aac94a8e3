import { createHash } from 'node:crypto';
import type { Aws } from '../aws.ts';
import { AwsError, notSupported } from '../errors.ts';
import { awsJsonService } from '../http/aws-json.ts';
import type { Call, Operation, Service } from '../service.ts';
import { compileFilterPattern } from './filter-pattern.ts';
import type { LogEvent, LogGroup, LogStore } from './log-store.ts';
import type { MetricFilter } from './metric-filters.ts';
import { logGroupArn, logGroupResource, logStreamResource } from './resources.ts';

type Tags = Readonly<Record<string, string>>;

interface GroupRequest {
  readonly logGroupName: string;
}
interface StreamRequest extends GroupRequest {
  readonly logStreamName: string;
}
interface Window {
  readonly startTime?: number;
  readonly endTime?: number;
  readonly limit?: number;
  readonly nextToken?: string;
}

const retentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const maxEventsOfCall = 10_000;

/** CloudWatch Logs: what it takes to keep logs and read them. Times are milliseconds since 1970. */
export function logsService({ logs, account }: Pick<Aws, 'logs' | 'account'>): Service {
  const groupResource = (call: Call, name: string) => logGroupResource(call.region, account, name);
  return awsJsonService({
    signingName: 'logs',
    title: 'CloudWatch Logs',
    operations: {
      CreateLogGroup: (input: GroupRequest & { kmsKeyId?: string; tags?: Tags }, call: Call) => {
        const { logGroupName: name, kmsKeyId, tags = {}, ...others } = input;
        refuseOthers('CreateLogGroup', others, []);
        checkGroupName(name);
        call.authorize('logs:CreateLogGroup', groupResource(call, name));
        if (Object.keys(tags).length > 0) call.authorize('logs:TagResource', groupResource(call, name));
        if (logs.hasGroup(call.region, name)) {
          throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
        }
        logs.createGroup(call.region, name, { tags, ...(kmsKeyId !== undefined && { kmsKeyId }) });
      },

      DeleteLogGroup: ({ logGroupName: name }: GroupRequest, call: Call) => {
        call.authorize('logs:DeleteLogGroup', groupResource(call, name));
        requireGroup(logs, call.region, name);
        logs.deleteGroup(call.region, name);
      },

      PutRetentionPolicy: (
        { logGroupName: name, retentionInDays }: GroupRequest & { retentionInDays: number },
        call,
      ) => {
        call.authorize('logs:PutRetentionPolicy', groupResource(call, name));
        const group = requireGroup(logs, call.region, name);
        if (!retentions.includes(retentionInDays)) {
          throw new AwsError(
            'InvalidParameterException',
            `retentionInDays is ${retentionInDays}: the possible values are ${retentions.join(', ')}.`,
          );
        }
        logs.configure(call.region, name, { ...group, retentionInDays });
      },

      AssociateKmsKey: (input: GroupRequest & { kmsKeyId: string }, call: Call) => {
        const { logGroupName: name, kmsKeyId, ...others } = input;
        refuseOthers('AssociateKmsKey', others, []);
        call.authorize('logs:AssociateKmsKey', groupResource(call, name));
        logs.configure(call.region, name, { ...requireGroup(logs, call.region, name), kmsKeyId });
      },

      DisassociateKmsKey: (input: GroupRequest, call: Call) => {
        const { logGroupName: name, ...others } = input;
        refuseOthers('DisassociateKmsKey', others, []);
        call.authorize('logs:DisassociateKmsKey', groupResource(call, name));
        const { kmsKeyId: _, ...group } = requireGroup(logs, call.region, name);
        logs.configure(call.region, name, group);
      },

      ...tagOperations(logs, account),
      ...metricFilterOperations(logs, account),

      DescribeLogGroups: (
        input: { logGroupNamePrefix?: string; logGroupNamePattern?: string; limit?: number; nextToken?: string },
        call: Call,
      ) => {
        const { logGroupNamePrefix: prefix, logGroupNamePattern: part, limit, nextToken, ...others } = input;
        refuseOthers('DescribeLogGroups', others, []);
        call.authorize('logs:DescribeLogGroups', groupResource(call, ''));
        const found = logs
          .groups(call.region)
          .filter(
            ({ name }) => name.startsWith(prefix ?? '') && name.toLowerCase().includes((part ?? '').toLowerCase()),
          );
        const { items, ...next } = page(found, limit ?? 50, nextToken);
        const logGroups = items.map(({ name, created, retentionInDays, kmsKeyId }) => ({
          logGroupName: name,
          creationTime: created.getTime(),
          retentionInDays,
          kmsKeyId,
          arn: `${logGroupArn(call.region, account, name)}:*`,
          logGroupArn: logGroupArn(call.region, account, name),
          logGroupClass: 'STANDARD',
          metricFilterCount: logs.metricFilters.list(call.region, name).length,
          storedBytes: 0,
        }));
        return { logGroups, ...next };
      },

      CreateLogStream: ({ logGroupName: group, logStreamName: stream }: StreamRequest, call: Call) => {
        call.authorize('logs:CreateLogStream', logStreamResource(call.region, account, group, stream));
        requireGroup(logs, call.region, group);
        if (logs.streams(call.region, group).has(stream)) {
          throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
        }
        logs.createStream(call.region, group, stream);
      },

      DescribeLogStreams: (
        input: GroupRequest & {
          logStreamNamePrefix?: string;
          orderBy?: 'LogStreamName' | 'LastEventTime';
          descending?: boolean;
          limit?: number;
          nextToken?: string;
        },
        call: Call,
      ) => {
        const {
          logGroupName: group,
          logStreamNamePrefix: prefix = '',
          orderBy,
          descending,
          limit,
          nextToken,
          ...others
        } = input;
        refuseOthers('DescribeLogStreams', others, []);
        call.authorize('logs:DescribeLogStreams', groupResource(call, group));
        requireGroup(logs, call.region, group);
        const arn = logGroupArn(call.region, account, group);
        const streams = [...logs.streams(call.region, group)]
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, { created }]) => {
            const times = logs.events(call.region, group).filter(({ stream }) => stream === name);
            return {
              logStreamName: name,
              creationTime: created.getTime(),
              firstEventTimestamp: times.at(0)?.timestamp.getTime(),
              lastEventTimestamp: times.at(-1)?.timestamp.getTime(),
              lastIngestionTime: times.at(-1)?.ingested.getTime(),
              arn: `${arn}:log-stream:${name}`,
              storedBytes: 0,
            };
          })
          .sort((a, b) =>
            orderBy === 'LastEventTime'
              ? (a.lastEventTimestamp ?? 0) - (b.lastEventTimestamp ?? 0)
              : a.logStreamName < b.logStreamName
                ? -1
                : 1,
          );
        const { items, ...next } = page(descending ? streams.toReversed() : streams, limit ?? 50, nextToken);
        return { logStreams: items, ...next };
      },

      PutLogEvents: (
        input: StreamRequest & { logEvents: readonly { timestamp: number; message: string }[] },
        call: Call,
      ) => {
        const { logGroupName: group, logStreamName: stream, logEvents } = input;
        call.authorize('logs:PutLogEvents', logStreamResource(call.region, account, group, stream));
        requireStream(logs, call.region, group, stream);
        for (const { timestamp, message } of logEvents) {
          logs.write(call.region, group, stream, message, new Date(timestamp));
        }
        // No longer needed by AWS either, but SDKs of old wait for it.
        return { nextSequenceToken: createHash('sha256').update(`${group} ${stream}`).digest('hex').slice(0, 56) };
      },

      GetLogEvents: (input: StreamRequest & Window & { startFromHead?: boolean }, call: Call) => {
        const {
          logGroupName: group,
          logStreamName: stream,
          startFromHead,
          startTime,
          endTime,
          limit,
          nextToken,
        } = input;
        refuseOthers('GetLogEvents', input, [
          ...['logGroupName', 'logStreamName', 'startFromHead', 'startTime', 'endTime', 'limit', 'nextToken'],
        ]);
        call.authorize('logs:GetLogEvents', logStreamResource(call.region, account, group, stream));
        requireStream(logs, call.region, group, stream);
        const events = logs
          .events(call.region, group)
          .filter((event) => event.stream === stream && isWithin(event, startTime, endTime));
        return readWindow(events, limit ?? maxEventsOfCall, nextToken ?? (startFromHead ? 'f/0' : 'b/end'));
      },

      FilterLogEvents: (
        input: GroupRequest &
          Window & {
            logStreamNames?: readonly string[];
            logStreamNamePrefix?: string;
            filterPattern?: string;
            interleaved?: boolean;
          },
        call: Call,
      ) => {
        const {
          logGroupName: group,
          logStreamNames,
          logStreamNamePrefix: prefix,
          filterPattern,
          startTime,
          endTime,
          limit,
          nextToken,
          interleaved: _,
          ...others
        } = input;
        refuseOthers('FilterLogEvents', others, []);
        call.authorize('logs:FilterLogEvents', groupResource(call, group));
        requireGroup(logs, call.region, group);
        const matches = compileFilterPattern(filterPattern ?? '');
        const found = logs
          .events(call.region, group)
          .filter(
            (event) =>
              isWithin(event, startTime, endTime) &&
              (logStreamNames?.includes(event.stream) ?? true) &&
              event.stream.startsWith(prefix ?? '') &&
              matches(event.message),
          )
          .toSorted((a, b) => a.timestamp.getTime() - b.timestamp.getTime());
        const { items, ...next } = page(found, limit ?? maxEventsOfCall, nextToken);
        const events = items.map((event) => ({
          ...eventShape(event),
          logStreamName: event.stream,
          eventId: String(event.sequence).padStart(56, '0'),
        }));
        return { events, searchedLogStreams: [], ...next };
      },
    },
  });
}

function tagOperations(logs: LogStore, account: string): Readonly<Record<string, Operation>> {
  const groupOf = (call: Call, action: string, arn: string) => {
    call.authorize(action, arn);
    const prefix = logGroupArn(call.region, account, '');
    if (!arn.startsWith(prefix) || arn.endsWith(':*')) {
      throw new AwsError('InvalidParameterException', `Invalid resource ARN: ${arn}`);
    }
    return requireGroup(logs, call.region, arn.slice(prefix.length));
  };
  return {
    ListTagsForResource: ({ resourceArn }: { resourceArn: string }, call: Call) => ({
      tags: groupOf(call, 'logs:ListTagsForResource', resourceArn).tags ?? {},
    }),

    TagResource: ({ resourceArn, tags }: { resourceArn: string; tags: Tags }, call: Call) => {
      const group = groupOf(call, 'logs:TagResource', resourceArn);
      logs.configure(call.region, group.name, { ...group, tags: { ...group.tags, ...tags } });
    },

    UntagResource: ({ resourceArn, tagKeys }: { resourceArn: string; tagKeys: readonly string[] }, call: Call) => {
      const group = groupOf(call, 'logs:UntagResource', resourceArn);
      const kept = Object.entries(group.tags ?? {}).filter(([key]) => !tagKeys.includes(key));
      logs.configure(call.region, group.name, { ...group, tags: Object.fromEntries(kept) });
    },
  };
}

function metricFilterOperations(logs: LogStore, account: string): Readonly<Record<string, Operation>> {
  const groupResource = (call: Call, name: string) => logGroupResource(call.region, account, name);
  return {
    PutMetricFilter: (input: Omit<MetricFilter, 'created'>, call: Call) => {
      const { filterName, filterPattern, logGroupName, metricTransformations, ...others } = input;
      refuseOthers('PutMetricFilter', others, []);
      call.authorize('logs:PutMetricFilter', groupResource(call, logGroupName));
      requireGroup(logs, call.region, logGroupName);
      logs.metricFilters.put(call.region, { ...input, created: new Date() });
    },

    DeleteMetricFilter: ({ filterName, logGroupName }: GroupRequest & { filterName: string }, call: Call) => {
      call.authorize('logs:DeleteMetricFilter', groupResource(call, logGroupName));
      if (!logs.metricFilters.find(call.region, logGroupName, filterName)) {
        throw new AwsError('ResourceNotFoundException', 'The specified metric filter does not exist.');
      }
      logs.metricFilters.delete(call.region, logGroupName, filterName);
    },

    DescribeMetricFilters: (input: GroupRequest & { filterNamePrefix?: string }, call: Call) => {
      const { logGroupName, filterNamePrefix: prefix = '', ...others } = input;
      refuseOthers('DescribeMetricFilters', others, []);
      call.authorize('logs:DescribeMetricFilters', groupResource(call, logGroupName));
      requireGroup(logs, call.region, logGroupName);
      const metricFilters = logs.metricFilters
        .list(call.region, logGroupName)
        .filter(({ filterName }) => filterName.startsWith(prefix))
        .map(({ created, ...filter }) => ({ ...filter, creationTime: created.getTime() }));
      return { metricFilters };
    },
  };
}

function eventShape({ timestamp, message, ingested }: LogEvent) {
  return { timestamp: timestamp.getTime(), message, ingestionTime: ingested.getTime() };
}

/** The start is within the window, the end is not. */
function isWithin({ timestamp }: LogEvent, startTime = 0, endTime = Number.POSITIVE_INFINITY): boolean {
  return timestamp.getTime() >= startTime && timestamp.getTime() < endTime;
}

/**
 * GetLogEvents reads on in either direction from a token: `f/N` forward from the event with the sequence number N, `b/N`
 * backward from the one before it. At an end the token that was passed comes back, which is how clients see the end.
 */
function readWindow(events: readonly LogEvent[], limit: number, token: string) {
  const [, direction, position] = /^([fb])\/(\d+|end)$/.exec(token) ?? [];
  if (!direction) {
    throw new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');
  }
  const end = (events.at(-1)?.sequence ?? -1) + 1;
  const from = position === 'end' ? end : Number(position);
  const found =
    direction === 'f'
      ? events.filter(({ sequence }) => sequence >= from).slice(0, limit)
      : events.filter(({ sequence }) => sequence < from).slice(-limit);
  return {
    events: found.map(eventShape),
    nextForwardToken: `f/${found.length > 0 ? (found.at(-1) as LogEvent).sequence + 1 : from}`,
    nextBackwardToken: `b/${found.at(0)?.sequence ?? from}`,
  };
}

function page<T>(items: readonly T[], size: number, token: string | undefined) {
  const start = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(start) || start < 0) {
    throw new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');
  }
  const end = start + size;
  return { items: items.slice(start, end), ...(end < items.length ? { nextToken: String(end) } : {}) };
}

function checkGroupName(name: unknown): void {
  if (typeof name === 'string' && /^[.\-_/#A-Za-z0-9]{1,512}$/.test(name)) return;
  throw new AwsError(
    'InvalidParameterException',
    `1 validation error detected: Value '${name}' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+`,
  );
}

function requireGroup(logs: LogStore, region: string, name: string): LogGroup {
  const group = logs.group(region, name);
  if (!group) throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
  return group;
}

function requireStream(logs: LogStore, region: string, group: string, stream: string): void {
  requireGroup(logs, region, group);
  if (!logs.streams(region, group).has(stream)) {
    throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
  }
}

function refuseOthers(operation: string, input: object, known: readonly string[]): void {
  const other = Object.keys(input).find((name) => !known.includes(name));
  if (other) throw notSupported(`the parameter ${other} of ${operation}`);
}
