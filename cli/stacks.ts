import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { Environment } from '../lib/environments/index.ts';
import { stackName } from '../lib/stack-name.ts';
import type { AwsClientConfig } from './aws.ts';
import { UserError } from './user-error.ts';

/** The two stacks of an environment, in the order in which they are deployed. */
export const parts = ['identity', 'agent'] as const;
export type Part = (typeof parts)[number];

/** The stacks of an environment as they are now. */
export type Stacks = Readonly<Record<Part, Stack | undefined>>;

/** A stack by its name or ARN; undefined where there is none. */
export async function describeStack(cloudFormation: CloudFormationClient, name: string): Promise<Stack | undefined> {
  try {
    return (await cloudFormation.send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0];
  } catch (error) {
    if (isNoSuchStack(error)) return undefined;
    throw error;
  }
}

/** A resource that a stack has. */
export interface StackResource {
  readonly type: string;
  /** Physical id. */
  readonly id: string;
}

/** What a stack by its name or ARN has, also while it is made or could not be; nothing where there is none. */
export async function stackResources(client: CloudFormationClient, StackName: string): Promise<StackResource[]> {
  const found: StackResource[] = [];
  try {
    for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName })) {
      for (const { ResourceType: type = '', PhysicalResourceId: id, ResourceStatus } of StackResourceSummaries) {
        if (id && ResourceStatus !== 'DELETE_COMPLETE') found.push({ type, id });
      }
    }
    return found;
  } catch (error) {
    if (isNoSuchStack(error)) return [];
    throw error;
  }
}

function isNoSuchStack(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationError' && error.message.includes('does not exist');
}

/** Both stacks of an environment. */
export async function describeStacks(environment: Environment, client: AwsClientConfig): Promise<Stacks> {
  const cloudFormation = new CloudFormationClient(client);
  try {
    const [identity, agent] = await Promise.all(
      parts.map((part) => describeStack(cloudFormation, stackName(environment, part))),
    );
    return { identity, agent };
  } finally {
    cloudFormation.destroy();
  }
}

/** The command that lets a stack be deleted which is protected from that; `cdk` takes it away only from one it can update. */
export function unprotectCommand({ region }: Pick<Environment, 'region'>, StackName: string): string {
  const where = region ? ` --region ${region}` : '';
  return `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${StackName}${where}`;
}

/** Milliseconds between two looks at stacks that CloudFormation works on. */
const pause = 3_000;

/** Looks until an hour is over, the longest that CloudFormation waits for a custom resource. */
const looks = 1_200;

/** Whether CloudFormation is at work on a stack. A stack in review waits for its first change set, which may never be run. */
export function isBusy(stack: Stack | undefined): boolean {
  const status = stack?.StackStatus ?? '';
  return status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';
}

/**
 * Waits until CloudFormation has done what it is doing with the stacks of an environment.
 *
 * @param tell told what is waited for, once for each status
 * @param wait until the next look
 * @throws UserError where it is at work for more than an hour
 */
export async function settledStacks(
  environment: Environment,
  client: AwsClientConfig,
  tell: (line: string) => void,
  wait: () => Promise<unknown> = () => sleep(pause),
): Promise<Stacks> {
  const told = new Set<string>();
  for (let look = 0; look < looks; look += 1) {
    const stacks = await describeStacks(environment, client);
    const busy = Object.values(stacks).filter(isBusy);
    if (busy.length === 0) return stacks;
    for (const stack of busy) {
      const line = `The stack ${stack?.StackName} is ${stack?.StackStatus}: waiting for its end. Ctrl-C ends the waiting only.`;
      if (!told.has(line)) tell(line);
      told.add(line);
    }
    await wait();
  }
  throw new UserError(
    `CloudFormation has been at work on ${environment.name} for more than an hour: look at its stacks there, and try again.`,
  );
}
