import type { Aws } from '../aws.ts';
import { AwsError } from '../errors.ts';
import type { Principal } from '../iam/principal.ts';

/** Where one writer's lines go. */
export interface LogTarget {
  readonly region: string;
  readonly group: string;
  readonly stream: string;
}

/**
 * Opens a log stream as a role, as the services do that write a role's logs. Where the role may not, the lines are lost
 * without a word, as on AWS.
 *
 * @returns what writes a line
 */
export function openLogStream(aws: Aws, principal: Principal, target: LogTarget): (line: string) => void {
  const write = logWriter(aws, principal, target);
  return (line) => {
    aws.observe?.({ kind: 'line', ...target, line });
    write(line);
  };
}

function logWriter(aws: Aws, principal: Principal, target: LogTarget): (line: string) => void {
  const { region, group, stream } = target;
  const groupArn = `arn:aws:logs:${region}:${aws.account}:log-group:${group}`;
  const streamArn = `${groupArn}:log-stream:${stream}`;
  if (!aws.logs.hasGroup(region, group)) {
    if (!may(aws, principal, 'logs:CreateLogGroup', groupArn)) return () => {};
    aws.logs.createGroup(region, group);
  }
  if (!may(aws, principal, 'logs:CreateLogStream', streamArn)) return () => {};
  if (!may(aws, principal, 'logs:PutLogEvents', streamArn)) return () => {};
  return (line) => aws.logs.write(region, group, stream, line);
}

function may(aws: Aws, principal: Principal, action: string, resource: string): boolean {
  try {
    aws.iam.authorize(principal, action, resource);
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'AccessDeniedException') return false;
    throw error;
  }
}
