import OpenAI from 'openai';
import type { ApiKeySource } from './api-key.ts';
import { createModelFetch } from './model-fetch.ts';
import type { ModelSettings } from './model-settings.ts';
import type { AgentSettings } from './settings.ts';

/** What {@link createClient} needs. */
export interface ClientOptions {
  readonly settings: AgentSettings;
  readonly apiKey: ApiKeySource;
}

/**
 * The OpenAI client for the model provider that the settings name, with the key fetched anew for each request.
 *
 * @returns the client, and the model as its requests name it
 */
export function createClient({ settings, apiKey }: ClientOptions) {
  const place = placeOf(settings.model);
  const client = new OpenAI({
    ...place.options,
    // The client wants one, and never learns the real one: the fetch below sets it, in the header that is right.
    apiKey: 'set by fetch',
    fetch: createModelFetch({ apiKey, keyHeader: place.keyHeader, silenceMs: settings.modelTimeoutSeconds * 1000 }),
    // Retries and time-outs are the business of that fetch; the client's own would multiply them.
    maxRetries: 0,
    timeout: settings.answerTimeoutSeconds * 1000,
    logLevel: 'off',
  });
  return { client, modelId: place.modelId };
}

/** In which header the key goes. */
export type KeyHeader = 'authorization' | 'api-key';

/**
 * Where a model is, and how it is asked. The plain client serves Azure OpenAI too: its own client for it sends a key that
 * is fetched when needed as `Authorization: Bearer`, where Azure wants `api-key`.
 *
 * What is not set is null: the client would otherwise take what its own environment variables say.
 */
function placeOf(model: ModelSettings) {
  if (model.provider === 'openai') {
    return {
      modelId: model.modelId,
      keyHeader: 'authorization' as const,
      options: {
        baseURL: model.baseUrl ?? 'https://api.openai.com/v1',
        organization: model.organization ?? null,
        project: model.project ?? null,
      },
    };
  }
  const { endpoint, deployment, apiVersion } = model;
  const none = { organization: null, project: null };
  return {
    modelId: deployment,
    keyHeader: 'api-key' as const,
    options:
      apiVersion === undefined
        ? { ...none, baseURL: `${endpoint}/openai/v1` }
        : {
            ...none,
            baseURL: `${endpoint}/openai/deployments/${deployment}`,
            defaultQuery: { 'api-version': apiVersion },
          },
  };
}
