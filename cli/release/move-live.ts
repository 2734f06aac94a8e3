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
  const ofLive = releaseParameters('Live');
  const wanted = {
    ...liveBecomesFormer(known),
    ...keys,
    [ofLive.version]: version,
    [ofLive.runtimeName]: runtime.name,
  };
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
  await checkServes(runtime, agent.stack, version);
}

/** @throws UserError where `live` does not serve the version that the stack says */
export async function checkServes(runtime: Runtime, { StackName: name }: Stack, version: string): Promise<void> {
  const endpoint = await runtime.settledEndpoint(liveEndpoint, longestSettling);
  if (endpoint?.version === version) return;
  throw new UserError(
    `The stack ${name} has version ${version}, and ${liveEndpoint} serves ${endpoint?.version ?? 'none'} (${endpoint?.status ?? 'gone'}): somebody has changed it by hand. Move it back: aws bedrock-agentcore-control update-agent-runtime-endpoint --agent-runtime-id ${runtime.id} --endpoint-name ${liveEndpoint} --agent-runtime-version ${version}`,
  );
}

/** The values of a stack's parameters. */
export function parametersOf({ Parameters: parameters = [] }: Stack): Parameters {
  return Object.fromEntries(
    parameters.map(({ ParameterKey = '', ParameterValue = '' }) => [ParameterKey, ParameterValue]),
  );
}

async function update(cloudFormation: CloudFormationClient, stack: Stack, wanted: Parameters): Promise<void> {
  const names = (stack.Parameters ?? []).flatMap(({ ParameterKey }) => ParameterKey ?? []);
  try {
    await cloudFormation.send(
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
    );
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ValidationError') throw error;
    if (!/can ?not be updated/.test(error.message)) throw error;
    throw new UserError(
      `${liveEndpoint} was not moved: ${inSentence(error.message)}. Wait for the deployment that is under way, or repair the stack, and try again.`,
    );
  }
}

async function untilUpdated(
  cloudFormation: CloudFormationClient,
  stack: Stack,
  progress: (line: string) => void,
): Promise<void> {
  const { StackId: stackId, StackName: name, LastUpdatedTime: before } = stack;
  const begin = Date.now();
  let pause = firstPause;
  let said: string | undefined;
  for (;;) {
    const { Stacks: [now] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackId }));
    const status = now?.StackStatus ?? 'gone';
    // What was read may be from before the update.
    const hasBegun = !now || now.LastUpdatedTime?.getTime() !== before?.getTime();
    if (hasBegun && status !== said) progress(`${name}: ${status}`);
    if (hasBegun) said = status;
    if (hasBegun && status === 'UPDATE_COMPLETE') return;
    if (hasBegun && !status.endsWith('_IN_PROGRESS')) {
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
