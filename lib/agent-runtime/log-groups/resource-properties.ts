/** What the names of all log groups of agent runtimes begin with. */
export const logGroupsOfRuntimes = '/aws/bedrock-agentcore/runtimes/';

/**
 * Properties of `Custom::RuntimeLogGroups`: written by the construct, read by its handler. CloudFormation makes every value
 * a string on the way.
 */
export interface RuntimeLogGroupsProperties {
  readonly LogGroupNames: readonly string[];
  readonly RetentionInDays: string;
  /** Missing: what CloudWatch Logs encrypts with by itself. */
  readonly KmsKeyArn?: string;
  /** JSON object of further tags, beside the one that marks the owner. */
  readonly Tags?: string;
}

/**
 * Properties of `Custom::RuntimeLogGroupsRemoval`, which is made before the runtime and so is deleted after it: sessions
 * write until the runtime is gone, and AgentCore would make a log group anew that was deleted earlier.
 */
export interface RuntimeLogGroupsRemovalProperties {
  /** What the names of the runtime's log groups begin with. */
  readonly LogGroupNamePrefix: string;
  /** What becomes of the log groups with the stack. */
  readonly OnDelete: 'Delete' | 'Retain';
}

/** Resource types, by which the handler tells the two apart. */
export const resourceTypes = {
  logGroups: 'Custom::RuntimeLogGroups',
  removal: 'Custom::RuntimeLogGroupsRemoval',
} as const;

/** Tag of a log group: the stack that it belongs to. */
export const ownerTag = 'outbound-auth:stack-id';
