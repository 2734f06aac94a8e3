/** The outputs of the agent stack: what `npm run invoke` and `npm start` read, and a policy for their callers. */
export const agentOutputs = {
  runtimeArn: 'RuntimeArn',
  /** The newest version, which the endpoint DEFAULT serves. */
  runtimeVersion: 'RuntimeVersion',
  /** The version that the endpoint `live` serves; missing before the first release. */
  liveVersion: 'LiveEndpointVersion',
  /** The one that it served before. */
  formerLiveVersion: 'FormerLiveEndpointVersion',
  logGroup: 'LogGroup',
  region: 'Region',
  invokerPolicy: 'InvokerPolicy',
  /** Only with alarms. */
  dashboard: 'Dashboard',
} as const;

/** The outputs of the identity stack; those of a tool's credential have the tool's name in front: `WeatherSecretArn`. */
export const identityOutputs = {
  credentialProviderName: 'CredentialProviderName',
  credentialProviderArn: 'CredentialProviderArn',
  secretArn: 'SecretArn',
  region: 'Region',
} as const;
