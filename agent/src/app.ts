import { ask } from './agent.ts';
import { createIdentity } from './identity.ts';
import type { WorkloadAccessToken } from './runtime-headers.ts';
import type { RuntimeSettings } from './settings.ts';

/** One request, as far as the agent is concerned. */
export interface AppRequest {
  readonly prompt: string;
  readonly sessionId: string | undefined;
  readonly workloadAccessToken: WorkloadAccessToken | undefined;
  /** Aborted when nobody waits for the answer any more, with an InvocationError as the reason. */
  readonly signal: AbortSignal;
}

/** What answers invocations. Everything heavy hangs on this module, so that the server can answer pings before it. */
export interface App {
  /**
   * @returns the text of the answer in pieces, as the model sends them
   * @throws InvocationError at once or in the middle of the iteration
   */
  answer(request: AppRequest): AsyncIterable<string>;
}

/** Holds no key, token or connection until the first request: a memory snapshot taken before it holds none either. */
export function createApp(settings: RuntimeSettings): App {
  const { region, credentialProviderName: providerName, workloadIdentityName } = settings;
  const identity = createIdentity({ region, providerName, workloadIdentityName });
  return {
    answer: ({ prompt, workloadAccessToken, signal }) =>
      ask({ prompt, settings, apiKey: identity.apiKeyFor(workloadAccessToken), signal }),
  };
}
