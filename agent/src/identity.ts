import {
  BedrockAgentCoreClient,
  GetResourceApiKeyCommand,
  GetWorkloadAccessTokenCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import type { ApiKeySource } from './api-key.ts';
import { fromIdentityError, fromTokenError } from './identity-errors.ts';
import { type ErrorCode, InvocationError } from './invocation-error.ts';
import { orAborted } from './or-aborted.ts';
import type { WorkloadAccessToken } from './runtime-headers.ts';
import { SecretCache } from './secret-cache.ts';
import { attributeNames } from './telemetry/attributes.ts';
import { inCallSpan } from './telemetry/call-span.ts';

const keyAgeMs = 5 * 60 * 1000;
/** Of a life that AWS does not document: a token is replaced before it is likely to be refused. */
const ownTokenAgeMs = 10 * 60 * 1000;

/** AgentCore Identity, as far as the agent uses it: one credential provider. */
export interface Identity {
  /**
   * @param workloadAccessToken what AgentCore Runtime sent along with the request; undefined if it sent none
   * @throws InvocationError WorkloadAccessTokenMissing, where the agent has no workload identity of its own
   */
  apiKeyFor(workloadAccessToken: WorkloadAccessToken | undefined): ApiKeySource;
}

export interface IdentityOptions {
  readonly region: string;
  /** The credential provider that holds the key. */
  readonly providerName: string;
  /** The workload identity for requests that bring no token; undefined refuses them. */
  readonly workloadIdentityName: string | undefined;
  /** What bounds one fetch of the key, its retries and the role's own credentials included, in milliseconds. */
  readonly timeoutMs: number;
}

/** @param options the credential provider that holds the key, and its Region */
export function createIdentity({ region, providerName, workloadIdentityName, timeoutMs }: IdentityOptions): Identity {
  const keys = new SecretCache(keyAgeMs);
  const ownTokens = new SecretCache(ownTokenAgeMs);
  let lazyClient: BedrockAgentCoreClient | undefined;

  function client(): BedrockAgentCoreClient {
    // On first use, not before: the platform may snapshot memory after start-up and hand it to many sessions.
    lazyClient ??= new BedrockAgentCoreClient({
      region,
      maxAttempts: 3,
      // One attempt that hangs leaves time for the others.
      requestHandler: {
        connectionTimeout: timeoutMs / 5,
        requestTimeout: timeoutMs / 3,
        throwOnRequestTimeout: true,
      },
    });
    return lazyClient;
  }

  /** What is thrown when a fetch has failed: what AWS said, unless there was no time left to say it. */
  function failure(abortSignal: AbortSignal, fromAws: InvocationError, tooSlow: ErrorCode): InvocationError {
    if (!abortSignal.aborted) return fromAws;
    // It hands out one fetch of the role's credentials to all, and one that hangs would be the last.
    lazyClient = undefined;
    const seconds = timeoutMs / 1000;
    return new InvocationError(
      tooSlow,
      `AgentCore Identity did not give the API key of credential provider "${providerName}" in ${seconds} s.`,
    );
  }

  async function fetchKey(workloadIdentityToken: string, abortSignal: AbortSignal): Promise<string> {
    const command = new GetResourceApiKeyCommand({
      workloadIdentityToken,
      resourceCredentialProviderName: providerName,
    });
    try {
      // The role's credentials are fetched on the way, which looks at no signal.
      const { apiKey } = await orAborted(client().send(command, { abortSignal }), abortSignal);
      // What cannot be sent in a header would fail in ways that say nothing about the secret.
      if (!apiKey || !/^[\x21-\x7e]+$/.test(apiKey)) {
        throw new InvocationError('ModelKeyRefused', `Credential provider "${providerName}" holds no usable API key.`);
      }
      return apiKey;
    } catch (error) {
      throw failure(abortSignal, fromIdentityError(error, providerName), 'ApiKeyUnavailable');
    }
  }

  function fetchOwnToken(workloadName: string, abortSignal: AbortSignal): Promise<string> {
    return inCallSpan('GetWorkloadAccessToken', {}, () => askForOwnToken(workloadName, abortSignal));
  }

  async function askForOwnToken(workloadName: string, abortSignal: AbortSignal): Promise<string> {
    try {
      const command = new GetWorkloadAccessTokenCommand({ workloadName });
      const { workloadAccessToken } = await orAborted(client().send(command, { abortSignal }), abortSignal);
      if (!workloadAccessToken) throw new Error('The answer has no token.');
      return workloadAccessToken;
    } catch (error) {
      throw failure(abortSignal, fromTokenError(error, workloadName), 'WorkloadAccessTokenUnavailable');
    }
  }

  async function fetchKeyWithOwnToken(workloadName: string, abortSignal: AbortSignal): Promise<string> {
    const getToken = () => ownTokens.get(workloadName, () => fetchOwnToken(workloadName, abortSignal));
    const token = await getToken();
    try {
      return await fetchKey(token, abortSignal);
    } catch (error) {
      if (!(error instanceof InvocationError) || error.code !== 'WorkloadAccessTokenRejected') throw error;
      // No new invocation would bring another one: this token is the agent's own affair.
      ownTokens.drop(token);
      return fetchKey(await getToken(), abortSignal);
    }
  }

  function keyFetcher(token: string | undefined): () => Promise<string> {
    if (token) return () => fetchKey(token, AbortSignal.timeout(timeoutMs));
    if (workloadIdentityName) {
      return () => fetchKeyWithOwnToken(workloadIdentityName, AbortSignal.timeout(timeoutMs));
    }
    throw new InvocationError(
      'WorkloadAccessTokenMissing',
      'AgentCore Runtime sent no workload access token: pass runtimeUserId to InvokeAgentRuntime, ' +
        'for which the caller needs the permission bedrock-agentcore:InvokeAgentRuntimeForUser.',
    );
  }

  return {
    apiKeyFor(workloadAccessToken) {
      const fetcher = keyFetcher(workloadAccessToken?.value);
      // Who wrote its own token gets a key from AgentCore or none: what others left in memory is not for it.
      let asked: Promise<string> | undefined;
      const get = () =>
        inCallSpan('GetResourceApiKey', { [attributeNames.credentialProvider]: providerName }, async (span) => {
          let cached = true;
          const ask = () => {
            cached = false;
            return fetcher();
          };
          if (workloadAccessToken?.delivered === false) asked ??= ask();
          try {
            return await (asked ?? keys.get(workloadAccessToken?.value ?? '', ask));
          } finally {
            span.setAttribute(attributeNames.cached, cached);
          }
        });
      return {
        keyName: `the key of credential provider "${providerName}"`,
        remedy: 'Put a working key into its secret: the agent picks up a new version of the secret without a redeploy.',
        get,
        replace(refused) {
          keys.drop(refused);
          asked = undefined;
          return get();
        },
      };
    },
  };
}
