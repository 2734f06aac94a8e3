import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { liveEndpoint } from '../../lib/agent-runtime/live-endpoint-name.ts';
import { releaseParameters } from '../../lib/agent-runtime/release-parameters.ts';
import type { DeployedAgent } from '../invoke/find-runtime.ts';
import { UserError } from '../user-error.ts';
import type { Deployer } from './deployer.ts';
import { inSentence } from './in-sentence.ts';
import { keysOfVersion, liveBecomesFormer, type Parameters } from './keys-of-version.ts';
import type { Runtime, Version } from './runtime.ts';

/** Milliseconds. */
const firstPause = 250;
const longestPause = 3_000;
/** For all of the stack; CloudFormation ends an update of an endpoint well before. */
const longestUpdate = 30 * 60_000;
const longestSettling = 60_000;

/** What a version is made live with. */
export interface Move {
  readonly deployer: Deployer;
  readonly agent: DeployedAgent;
  readonly runtime: Runtime;
  readonly target: Version;
  readonly progress: (line: string) => void;
}

/**
 * Has the endpoint `live` serve a version, by parameters of the stack: its template, its role and all else stay as they
 * were deployed.
 *
 * @throws UserError when it did not come to that; `live` then serves what it served
 */
export async function moveLive({ deployer, agent, runtime, target, progress }: Move): Promise<void> {
  const { version } = target;
  const known = parametersOf(agent.stack);
  const keys = await keysOfVersion(runtime, target, known);
  const wanted = { ...liveBecomesFormer(known), ...keys, [releaseParameters('Live').version]: version };
  // CloudFormation works with the role that the stack was deployed with; without one, with the permissions of whoever asks.
  const cloudFormation = new CloudFormationClient(agent.stack.RoleARN ? deployer.ofStack : deployer.self);
  try {
    progress(
      `${liveEndpoint} moves ${agent.liveVersion ? `from version ${agent.liveVersion} ` : ''}to version ${version} …`,
    );
    await update(cloudFormation, agent.stack, wanted);
    await untilUpdated(cloudFormation, agent.stack, progress);
  } finally {
    cloudFormation.destroy();
  }
  const endpoint = await runtime.settledEndpoint(liveEndpoint, longestSettling);
  if (endpoint?.version !== version) {
    throw new UserError(
      `The stack ${agent.stack.StackName} has version ${version}, and ${liveEndpoint} serves ${endpoint?.version ?? 'none'} (${endpoint?.status ?? 'gone'}): somebody has changed it by hand. Look: aws bedrock-agentcore-control get-agent-runtime-endpoint --agent-runtime-id ${runtime.id} --endpoint-name ${liveEndpoint}`,
    );
  }
}

/** The values of a stack's parameters. */
export function parametersOf({ Parameters: parameters = [] }: Stack): Parameters {
  return Object.fromEntries(
    parameters.map(({ ParameterKey = '', ParameterValue = '' }) => [ParameterKey, ParameterValue]),
  );
}

async function update(cloudFormation: CloudFormationClient, stack: Stack, wanted: Parameters): Promise<void> {
  const names = (stack.Parameters ?? []).flatMap(({ ParameterKey }) => ParameterKey ?? []);
  await cloudFormation
    .send(
      new UpdateStackCommand({
        StackName: stack.StackId,
        UsePreviousTemplate: true,
        Capabilities: stack.Capabilities,
        Parameters: names.map((ParameterKey) =>
          Object.hasOwn(wanted, ParameterKey)
            ? { ParameterKey, ParameterValue: wanted[ParameterKey] }
            : { ParameterKey, UsePreviousValue: true },
        ),
      }),
    )
    .catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'ValidationError') throw error;
      // Then it is the endpoint that somebody has moved, which is looked at in any case.
      if (/No updates are to be performed/.test(error.message)) return;
      if (/can ?not be updated/.test(error.message)) {
        throw new UserError(
          `${liveEndpoint} was not moved: ${inSentence(error.message)}. Wait for the deployment that is under way, or repair the stack, and try again.`,
        );
      }
      throw error;
    });
}

async function untilUpdated(
  cloudFormation: CloudFormationClient,
  stack: Stack,
  progress: (line: string) => void,
): Promise<void> {
  const { StackId: stackId, StackName: name, StackStatus: before } = stack;
  const begin = Date.now();
  let pause = firstPause;
  let said = before;
  for (;;) {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackId }));
    const status = Stacks?.[0]?.StackStatus ?? 'gone';
    if (status !== said) progress(`${name}: ${status}`);
    said = status as typeof said;
    if (status === 'UPDATE_COMPLETE') return;
    if (!status.endsWith('_IN_PROGRESS')) {
      const reason = await firstFailure(cloudFormation, stack);
      throw new UserError(`${liveEndpoint} was not moved; the stack ${name} is ${status}: ${reason}`);
    }
    if (Date.now() - begin > longestUpdate) {
      throw new UserError(`The stack ${name} is still ${status}: see its events for what it waits for.`);
    }
    await sleep(pause);
    pause = Math.min(longestPause, pause * 1.5);
  }
}

/** Why an update has failed, in the words of CloudFormation. */
async function firstFailure(
  cloudFormation: CloudFormationClient,
  { StackId, LastUpdatedTime, CreationTime }: Stack,
): Promise<string> {
  const since = LastUpdatedTime ?? CreationTime ?? new Date(0);
  const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: StackId }));
  const failure = StackEvents.filter(({ Timestamp }) => Timestamp && Timestamp > since).findLast(
    ({ ResourceStatus, ResourceStatusReason }) => ResourceStatus?.endsWith('_FAILED') && ResourceStatusReason,
  );
  return failure ? `${failure.LogicalResourceId}: ${failure.ResourceStatusReason}` : 'its events say why.';
}
