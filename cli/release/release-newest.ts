import { liveEndpoint } from '../../lib/agent-runtime/live-endpoint-name.ts';
import type { Environment } from '../../lib/environments/index.ts';
import type { AwsClientConfig } from '../aws.ts';
import { UserError } from '../user-error.ts';
import { inSentence } from './in-sentence.ts';
import { checkServes, moveLive } from './move-live.ts';
import { withRuntime } from './open-runtime.ts';
import type { Runtime, Version } from './runtime.ts';
import { defaultPrompt, smokeTest } from './smoke-test.ts';

/** The endpoint that every runtime has, and that follows its newest version. */
const newestEndpoint = 'DEFAULT';

/** Milliseconds for which an endpoint may take to follow a deployment that has just ended. */
const longestFollowing = 120_000;

/** What a release is about. */
export interface ReleaseSubject {
  readonly environment: Environment;
  readonly client: AwsClientConfig;
  /** What the newest version is asked. Default: a question that needs a tool. */
  readonly prompt?: string;
  /** Told what is going on, a line at a time. */
  readonly progress?: (line: string) => void;
}

/** What came of it. */
export interface Release {
  /** The version that is live now. */
  readonly version: string;
  /** The one that was before; undefined where there was none. The same where it was live already. */
  readonly former: string | undefined;
  /** What the smoke test was answered. */
  readonly answer: string;
}

/**
 * Asks the newest version of an environment's agent, and has the endpoint `live` serve it once it has answered.
 *
 * @throws UserError when the version is not ready or fails its smoke test: `live` stays where it was
 */
export function releaseNewest(subject: ReleaseSubject): Promise<Release> {
  const { environment, client, prompt = defaultPrompt, progress = () => {} } = subject;
  return withRuntime(environment, client, async ({ deployer, agent, runtime }) => {
    const { runtimeArn, liveVersion: former } = agent;
    const target = await newestVersion(runtime);
    const { version } = target;
    const stays = former === undefined ? `${liveEndpoint} is not made` : `${liveEndpoint} stays on version ${former}`;
    progress(`Version ${version} is asked: ${prompt}`);
    const test = { runtimeArn, qualifier: newestEndpoint, userId: deployer.arn, prompt, environment: environment.name };
    const answer = await smokeTest(deployer.self, test).catch((error: unknown) => {
      const consequence = version === former ? `it is ${liveEndpoint} already, and nothing was changed` : stays;
      throw new UserError(`Version ${version} failed its smoke test: ${inSentence(error)}; ${consequence}.`);
    });
    const after = await runtime.endpoint(newestEndpoint);
    if (after?.version !== version) {
      throw new UserError(
        `Version ${after?.version} was deployed while version ${version} was asked: ${stays}. Release again.`,
      );
    }
    if (version === former) await checkServes(runtime, agent.stack, version);
    else await moveLive({ deployer, agent, runtime, target, progress });
    return { version, former, answer };
  });
}

/** @throws UserError when the newest version does not serve */
async function newestVersion(runtime: Runtime): Promise<Version> {
  const newest = await runtime.version();
  if (!newest) throw new UserError(`The runtime ${runtime.arn} is gone: deploy again.`);
  const { version, status, failureReason } = newest;
  if (status !== 'READY') {
    throw new UserError(
      `Version ${version} is ${status}${failureReason ? `: ${inSentence(failureReason)}` : ''}. Wait for its deployment, or deploy again.`,
    );
  }
  const endpoint = await runtime.settledEndpoint(newestEndpoint, longestFollowing);
  if (endpoint?.version !== version || !endpoint.isSettled) {
    throw new UserError(
      `The endpoint ${newestEndpoint} is ${endpoint?.status ?? 'gone'} and serves version ${endpoint?.version ?? 'none'}, not the newest, ${version}: wait for the deployment that is under way, and release again.`,
    );
  }
  return newest;
}
