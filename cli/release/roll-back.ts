import { liveEndpoint } from '../../lib/agent-runtime/live-endpoint-name.ts';
import type { Environment } from '../../lib/environments/index.ts';
import type { AwsClientConfig } from '../aws.ts';
import { UserError } from '../user-error.ts';
import { inSentence } from './in-sentence.ts';
import { checkServes, moveLive } from './move-live.ts';
import { withRuntime } from './open-runtime.ts';
import type { Runtime, Version } from './runtime.ts';
import { defaultPrompt, smokeTest } from './smoke-test.ts';

/** What a rollback is about. */
export interface RollbackSubject {
  readonly environment: Environment;
  readonly client: AwsClientConfig;
  /** The version to go to. Default: the one that was live before. */
  readonly to?: string;
  /** Told what is going on, a line at a time. */
  readonly progress?: (line: string) => void;
}

/** What came of it. */
export interface Rollback {
  /** The version that is live now. */
  readonly version: string;
  /** The one that was before, to which the next rollback leads. The same where it was live already. */
  readonly former: string;
  /** What `live` answers now. */
  readonly answer?: string;
  /** Why it does not answer. */
  readonly problem?: string;
}

/**
 * Has the endpoint `live` serve the version before, or one that is named, at once: whether it answers is asked afterwards,
 * and told.
 *
 * @throws UserError where there is nothing to go back to, or a version that could not serve: nothing is changed then
 */
export function rollBack({ environment, client, to, progress = () => {} }: RollbackSubject): Promise<Rollback> {
  return withRuntime(environment, client, async ({ deployer, agent, runtime }) => {
    const { runtimeArn, liveVersion: former } = agent;
    if (former === undefined) {
      throw new UserError(
        `Nothing is ${liveEndpoint} in ${environment.name}: there was no release yet. Make one: npm run release -- --environment ${environment.name}.`,
      );
    }
    const version = to ?? agent.formerLiveVersion;
    if (version === undefined) {
      throw new UserError(
        `${liveEndpoint} has served no version but ${former}: there is none before it. Name one with --to.`,
      );
    }
    if (version === former) {
      await checkServes(runtime, agent.stack, version);
      return { version, former };
    }
    const target = await servable(runtime, version);
    await moveLive({ deployer, agent, runtime, target, progress });
    progress(`${liveEndpoint} is asked: ${defaultPrompt}`);
    const test = {
      runtimeArn,
      qualifier: liveEndpoint,
      userId: deployer.arn,
      prompt: defaultPrompt,
      environment: environment.name,
    };
    return smokeTest(deployer.self, test).then(
      (answer) => ({ version, former, answer }),
      (error: unknown) => ({ version, former, problem: inSentence(error) }),
    );
  });
}

/** @throws UserError for a version that there is not, or that could not serve any more */
async function servable(runtime: Runtime, version: string): Promise<Version> {
  const [target, newest] = [await runtime.version(version), await runtime.version()];
  if (!target) {
    throw new UserError(`There is no version ${version} of the runtime: its newest is ${newest?.version ?? 'gone'}.`);
  }
  const { status, failureReason, roleArn } = target;
  if (status !== 'READY') {
    throw new UserError(
      `Version ${version} is ${status}, not READY${failureReason ? `: ${inSentence(failureReason)}` : ''}.`,
    );
  }
  if (roleArn !== newest?.roleArn) {
    throw new UserError(
      `Version ${version} works with the role ${roleArn}, which a deployment has replaced: deploy its settings once more, and release that.`,
    );
  }
  return target;
}
