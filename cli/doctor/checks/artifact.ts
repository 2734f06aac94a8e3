import { execFile } from 'node:child_process';
import type { Environment } from '../../../lib/environments/index.ts';
import { type Finding, findingsOf } from '../finding.ts';

const { ok, problem } = findingsOf('artifact');

const withoutDocker = 'set "artifact": "code" for the environment, which needs none';

/**
 * Whether the agent can be built: the image for linux/arm64, or a zip, for which nothing is needed. The image runs nothing
 * while it is built, so no emulation is looked for.
 *
 * @param program what the `cdk` command calls for docker
 * @param patience milliseconds; a daemon that is not well lets its clients hang
 */
export async function artifactCheck(
  { artifact }: Pick<Environment, 'artifact'>,
  program = process.env.CDK_DOCKER ?? 'docker',
  patience = 8_000,
): Promise<Finding> {
  if (artifact === 'code') return ok('A zip of the code, for which neither Docker nor anything else is needed.');
  const ended = await run(program, ['version', '--format', '{{json .}}'], patience);
  if (ended === 'missing') {
    return problem(
      `There is no ${program} on this machine to build the image with.`,
      `Install Docker, or podman with CDK_DOCKER=podman; or ${withoutDocker}.`,
    );
  }
  if (ended === 'silent') {
    return problem(`${program} does not answer: its daemon hangs.`, `Restart it; or ${withoutDocker}.`);
  }
  if (ended.status !== 0) {
    return problem(
      `${program} does not work: ${ended.words}`,
      `Start Docker (or podman machine start); or ${withoutDocker}.`,
    );
  }
  const { version, os } = engineIn(ended.output);
  if (os === 'windows') {
    return problem(
      `${program} ${version} runs Windows containers.`,
      `Switch it to Linux containers; or ${withoutDocker}.`,
    );
  }
  // Before 20.10 `docker build --platform` was an experiment that the daemon had to be told of. Podman begins at 1.
  if (/^1[789]\./.test(version)) {
    return problem(
      `${program} ${version} is too old to build for linux/arm64 on any machine.`,
      `Install Docker 20.10 or later; or ${withoutDocker}.`,
    );
  }
  return ok(`${program} ${version} answers, and can build the image for linux/arm64.`);
}

type Ended = { readonly status: number; readonly output: string; readonly words: string } | 'missing' | 'silent';

function run(program: string, args: readonly string[], timeout: number): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { timeout, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT' || error?.code === 'EACCES') return resolve('missing');
      if (error?.killed) return resolve('silent');
      const lines = stderr.split('\n').map((line) => line.trim());
      const words = lines.find((line) => line !== '') ?? `exit status ${child.exitCode}.`;
      resolve({ status: child.exitCode ?? 1, output: stdout, words });
    });
  });
}

/** What docker and podman say of the engine that builds; podman on Linux has no server. */
function engineIn(output: string): { version: string; os: string | undefined } {
  try {
    const { Client, Server } = JSON.parse(output) as Record<
      'Client' | 'Server',
      { Version?: string; Os?: string } | null | undefined
    >;
    const { Version = '', Os } = Server ?? Client ?? {};
    return { version: Version, os: Os };
  } catch {
    return { version: '', os: undefined };
  }
}
