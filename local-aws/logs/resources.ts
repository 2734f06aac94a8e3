/** The ARN of a log group. */
export function logGroupArn(region: string, account: string, name: string): string {
  return `arn:aws:logs:${region}:${account}:log-group:${name}`;
}

/**
 * What CloudWatch Logs authorizes a call about a group against: a policy names it with `:*` behind the group's name (an
 * empty name for calls about all groups).
 */
export function logGroupResource(region: string, account: string, name: string): string {
  return `${logGroupArn(region, account, name)}:log-stream:`;
}

/** What CloudWatch Logs authorizes a call about a stream against. */
export function logStreamResource(region: string, account: string, group: string, stream: string): string {
  return `${logGroupArn(region, account, group)}:log-stream:${stream}`;
}
