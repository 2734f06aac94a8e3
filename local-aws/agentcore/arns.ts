/** The ARNs of AgentCore in one account and Region. */
export interface AgentCoreArns {
  readonly tokenVault: string;
  apiKeyCredentialProvider(name: string): string;
  readonly workloadIdentityDirectory: string;
  workloadIdentity(name: string): string;
  runtime(id: string): string;
  runtimeEndpoint(id: string, name: string): string;
}

/** @param aws whose account it is */
export function agentCoreArns({ account }: { readonly account: string }, region: string): AgentCoreArns {
  const base = `arn:aws:bedrock-agentcore:${region}:${account}:`;
  const tokenVault = `${base}token-vault/default`;
  const workloadIdentityDirectory = `${base}workload-identity-directory/default`;
  return {
    tokenVault,
    apiKeyCredentialProvider: (name) => `${tokenVault}/apikeycredentialprovider/${name}`,
    workloadIdentityDirectory,
    workloadIdentity: (name) => `${workloadIdentityDirectory}/workload-identity/${name}`,
    runtime: (id) => `${base}runtime/${id}`,
    runtimeEndpoint: (id, name) => `${base}runtime/${id}/runtime-endpoint/${name}`,
  };
}
