/** The outputs of the agent stack that `npm run invoke` and `npm start` read. */
export const agentOutputs = {
  runtimeArn: 'RuntimeArn',
  logGroup: 'LogGroup',
  region: 'Region',
} as const;

/** The outputs of the identity stack. */
export const identityOutputs = {
  credentialProviderName: 'CredentialProviderName',
  credentialProviderArn: 'CredentialProviderArn',
  secretArn: 'SecretArn',
  region: 'Region',
} as const;
