import { BedrockAgentCoreClient, GetResourceApiKeyCommand } from '@aws-sdk/client-bedrock-agentcore';
import { ApiKeyCache, type ApiKeySource } from './api-key.ts';
import { fromIdentityError } from './identity-errors.ts';
import { InvocationError } from './invocation-error.ts';

/** What bounds one fetch of the key, its retries and the role's own credentials included. */
const fetchTimeoutMs = 15_000;

/** AgentCore Identity, as far as the agent uses it: one credential provider. */
export interface Identity {
  /**
   * @param workloadAccessToken what AgentCore Runtime sent along with the request; undefined if it sent none
   * @throws InvocationError WorkloadAccessTokenMissing
   */
  apiKeyFor(workloadAccessToken: string | undefined): ApiKeySource;
}

/** @param options the credential provider that holds the key, and its Region */
export function createIdentity(options: { readonly region: string; readonly providerName: string }): Identity {
  const { region, providerName } = options;
  const cache = new ApiKeyCache();
  let client: BedrockAgentCoreClient | undefined;

  async function fetchKey(workloadIdentityToken: string): Promise<string> {
    // On first use, not before: the platform may snapshot memory after start-up and hand it to many sessions.
    client ??= new BedrockAgentCoreClient({
      region,
      maxAttempts: 3,
      requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
    });
    const command = new GetResourceApiKeyCommand({
      workloadIdentityToken,
      resourceCredentialProviderName: providerName,
    });
    try {
      const { apiKey } = await client.send(command, { abortSignal: AbortSignal.timeout(fetchTimeoutMs) });
      // What cannot be sent in a header would fail in ways that say nothing about the secret.
      if (!apiKey || !/^[\x21-\x7e]+$/.test(apiKey)) {
        throw new InvocationError('ModelKeyRefused', `Credential provider "${providerName}" holds no usable API key.`);
      }
      return apiKey;
    } catch (error) {
      throw fromIdentityError(error, providerName);
    }
  }

  return {
    apiKeyFor(workloadAccessToken) {
      if (!workloadAccessToken) {
        throw new InvocationError(
          'WorkloadAccessTokenMissing',
          'AgentCore Runtime sent no workload access token: pass runtimeUserId to InvokeAgentRuntime, ' +
            'for which the caller needs the permission bedrock-agentcore:InvokeAgentRuntimeForUser.',
        );
      }
      const get = () => cache.get(workloadAccessToken, () => fetchKey(workloadAccessToken));
      return {
        keyName: `the key of credential provider "${providerName}"`,
        remedy: 'Put a working key into its secret: the agent picks up a new version of the secret without a redeploy.',
        get,
        replace(refused) {
          cache.drop(refused);
          return get();
        },
      };
    },
  };
}
