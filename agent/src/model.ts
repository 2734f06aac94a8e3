import type { Model } from '@strands-agents/sdk';
import type { ApiKeySource } from './api-key.ts';
import { createModelFetch } from './model-fetch.ts';
import { QuietModel } from './quiet-model.ts';
import type { AgentSettings } from './settings.ts';

/** What {@link createModel} needs. */
export interface ModelOptions {
  readonly settings: AgentSettings;
  readonly apiKey: ApiKeySource;
  /** Says in the agent's words what the model provider answered. */
  readonly inOurWords: (error: unknown) => Error;
  /** How long one answer may take in all, in milliseconds. */
  readonly maxDurationMs: number;
}

/** The model that the settings name, with the key fetched anew for each request. */
export function createModel({ settings, apiKey, inOurWords, maxDurationMs }: ModelOptions): Model {
  const options = {
    api: 'chat' as const,
    modelId: settings.modelId,
    apiKey: () => apiKey.get(),
    clientConfig: {
      ...(settings.baseUrl ? { baseURL: settings.baseUrl } : {}),
      fetch: createModelFetch({ apiKey, silenceMs: settings.modelTimeoutSeconds * 1000 }),
      // Retries and time-outs are the business of that fetch; the client's own would multiply them.
      maxRetries: 0,
      timeout: maxDurationMs,
      logLevel: 'off' as const,
    },
  };
  return new QuietModel(options, inOurWords);
}
