import type { DeployedAgent } from './find-runtime.ts';

/**
 * A line for whoever has just deployed and would wonder at the answer of the version before.
 *
 * @returns undefined where the version that is live is the newest
 */
export function noteOfNewerVersion(
  { liveVersion, newestVersion }: Pick<DeployedAgent, 'liveVersion' | 'newestVersion'>,
  environment: string,
): string | undefined {
  if (liveVersion === undefined || newestVersion === undefined || newestVersion === liveVersion) return undefined;
  return `Version ${liveVersion} answers, which is live; the newest is ${newestVersion}: --qualifier DEFAULT asks that, npm run release -- --environment ${environment} makes it live.`;
}
