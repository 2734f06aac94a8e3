import OpenAI from 'openai';
import type { ApiKeySource } from './api-key.ts';
import { createModelFetch } from './model-fetch.ts';
import { routeTo } from './model-route.ts';
import { modelNameOf } from './model-settings.ts';
import type { AgentSettings } from './settings.ts';

/** What {@link createClient} needs. */
export interface ClientOptions {
  readonly settings: AgentSettings;
  readonly apiKey: ApiKeySource;
}

/**
 * The OpenAI client for the model provider that the settings name, with the key fetched anew for each request. The plain
 * client serves Azure OpenAI too: its own client for it sends a key that is fetched when needed as `Authorization: Bearer`,
 * where Azure wants `api-key`.
 *
 * @returns the client, and the model as its requests name it
 */
export function createClient({ settings, apiKey }: ClientOptions) {
  const { model, modelTimeoutSeconds, answerTimeoutSeconds } = settings;
  const { baseUrl, query, keyHeader } = routeTo(model);
  const { organization, project } = model.provider === 'openai' ? model : {};
  const client = new OpenAI({
    baseURL: baseUrl,
    defaultQuery: query,
    organization: organization ?? null,
    project: project ?? null,
    fetch: createModelFetch({ apiKey, keyHeader, silenceMs: modelTimeoutSeconds * 1000 }),
    // Retries and time-outs are the business of that fetch; the client's own would multiply them.
    maxRetries: 0,
    timeout: answerTimeoutSeconds * 1000,
    // Never sent: that fetch puts the key in. The client would take what is missing here from variables of its own.
    apiKey: 'put in by the fetch',
    adminAPIKey: null,
    webhookSecret: null,
    logLevel: 'off',
  });
  return { client, modelId: modelNameOf(model) };
}
