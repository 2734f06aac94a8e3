import { ask } from './agent.ts';
import type { AnswerEvent } from './answer-event.ts';
import { Conversations } from './conversations.ts';
import { createIdentity } from './identity.ts';
import { conversationLimits } from './limits.ts';
import type { WorkloadAccessToken } from './runtime-headers.ts';
import type { RuntimeSettings } from './settings.ts';
import { toolKey } from './tool-key.ts';

/** One request, as far as the agent is concerned. */
export interface AppRequest {
  readonly prompt: string;
  /** Undefined for a request outside of sessions: it begins a conversation that nobody goes on with. */
  readonly sessionId: string | undefined;
  readonly workloadAccessToken: WorkloadAccessToken | undefined;
  /** Aborted when nobody waits for the answer any more, with an InvocationError as the reason. */
  readonly signal: AbortSignal;
}

/** What answers invocations. Everything heavy hangs on this module, so that the server can answer pings before it. */
export interface App {
  /**
   * @returns the answer in events, as they happen
   * @throws InvocationError at once or in the middle of the iteration
   */
  answer(request: AppRequest): AsyncIterable<AnswerEvent>;
}

/** Holds no key, token or connection until the first request: a memory snapshot taken before it holds none either. */
export function createApp(settings: RuntimeSettings): App {
  // One for each credential provider: no key of one is ever in the memory of another.
  const identityOf = (providerName: string) => {
    const { region, workloadIdentityName, identityTimeoutSeconds } = settings;
    return createIdentity({ region, providerName, workloadIdentityName, timeoutMs: identityTimeoutSeconds * 1000 });
  };
  const model = identityOf(settings.credentialProviderName);
  const weather = settings.weatherCredentialProviderName && identityOf(settings.weatherCredentialProviderName);
  const conversations = new Conversations(conversationLimits);
  return {
    async *answer({ prompt, sessionId, workloadAccessToken, signal }) {
      const apiKey = model.apiKeyFor(workloadAccessToken);
      const toolKeys = { weather: weather ? toolKey(weather.apiKeyFor(workloadAccessToken), sessionId) : undefined };
      const turn = await conversations.begin(sessionId, signal);
      try {
        yield* ask({ prompt, turn, settings, apiKey, toolKeys, signal });
      } finally {
        turn.end();
      }
    },
  };
}
