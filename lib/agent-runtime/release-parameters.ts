/** The version that the endpoint serves, and the one that it served before. */
export type Released = 'Live' | 'FormerLive';

/**
 * Names of the parameters of the agent's stack by which a version is released. `cdk deploy` leaves them as they are.
 *
 * @returns by `idPrefix` of one of the agent's keys, where each has its own
 */
export function releaseParameters(which: Released) {
  return {
    version: `${which}Version`,
    /** Of the runtime that it is a version of: another runtime counts its versions from 1 again. */
    runtimeName: `${which}RuntimeName`,
    credentialProviderName: (idPrefix: string) => `${which}${idPrefix}CredentialProviderName`,
    /** Of the secret that AgentCore reads for it. Its name says nothing of a secret, or checks take it for one. */
    apiKeySecretArn: (idPrefix: string) => `${which}${idPrefix}CredentialSourceArn`,
  };
}
