import type { ModelSettings } from './model-settings.ts';

/** Where the requests to a model go, and how the key travels with them. */
export interface ModelRoute {
  /** What stands before `/chat/completions` or `/responses`. */
  readonly baseUrl: string;
  readonly query: Readonly<Record<string, string>>;
  /** @returns name and value of the header that carries the key */
  keyHeader(key: string): readonly [name: string, value: string];
}

/** The route of each provider, as its public reference has it. */
export function routeTo(settings: ModelSettings): ModelRoute {
  if (settings.provider === 'openai') {
    return {
      baseUrl: settings.baseUrl ?? 'https://api.openai.com/v1',
      query: {},
      keyHeader: (key) => ['authorization', `Bearer ${key}`],
    };
  }
  const { endpoint, deployment, apiVersion } = settings;
  return {
    ...(apiVersion === undefined
      ? { baseUrl: `${endpoint}/openai/v1`, query: {} }
      : { baseUrl: `${endpoint}/openai/deployments/${deployment}`, query: { 'api-version': apiVersion } }),
    // With Bearer, Azure takes the key for a token of Microsoft Entra ID.
    keyHeader: (key) => ['api-key', key],
  };
}
