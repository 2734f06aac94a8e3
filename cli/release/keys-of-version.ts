import { releaseParameters } from '../../lib/agent-runtime/release-parameters.ts';
import { kindsOfCredentials } from '../../lib/outbound-credentials.ts';
import { UserError } from '../user-error.ts';
import type { Runtime, Version } from './runtime.ts';

/** Parameters of the agent's stack, by name. */
export type Parameters = Readonly<Record<string, string>>;

const ofLive = releaseParameters('Live');
const ofFormer = releaseParameters('FormerLive');

/**
 * The parameters by which the stack learns what a version gets its keys from, so that its role may go on using that and
 * nothing of it is removed.
 *
 * @param known the stack's own parameters
 * @throws UserError where the version could get a key no more
 */
export async function keysOfVersion(
  runtime: Pick<Runtime, 'secretOfProvider'>,
  { version, variables }: Pick<Version, 'version' | 'variables'>,
  known: Parameters,
): Promise<Parameters> {
  const parameters: Record<string, string> = {};
  for (const { idPrefix, variable, service } of kindsOfCredentials) {
    const nameOf = ofLive.credentialProviderName(idPrefix);
    const name = variables[variable] ?? '';
    const isKnown = Object.hasOwn(known, nameOf);
    if (name === '' && !isKnown) continue;
    const secretArn = name === '' ? '' : await runtime.secretOfProvider(name);
    if (secretArn === undefined) {
      throw new UserError(
        `Version ${version} gets its ${service} key from the credential provider ${name}, which is gone: deploy the settings that it had once more, and release that.`,
      );
    }
    if (!isKnown) {
      throw new UserError(
        `Version ${version} has a ${service} key, and the environment as it is deployed has none: deploy the settings that it had once more, and release that.`,
      );
    }
    parameters[nameOf] = name;
    parameters[ofLive.apiKeySecretArn(idPrefix)] = secretArn;
  }
  return parameters;
}

/** What the stack says of the version that is live, as what it says of the one before: the sessions there go on. */
export function liveBecomesFormer(known: Parameters): Parameters {
  const former: Record<string, string> = {
    [ofFormer.version]: known[ofLive.version] ?? '',
    [ofFormer.runtimeName]: known[ofLive.runtimeName] ?? '',
  };
  for (const { idPrefix } of kindsOfCredentials) {
    for (const parameter of ['credentialProviderName', 'apiKeySecretArn'] as const) {
      const value = known[ofLive[parameter](idPrefix)];
      if (value !== undefined) former[ofFormer[parameter](idPrefix)] = value;
    }
  }
  return former;
}
