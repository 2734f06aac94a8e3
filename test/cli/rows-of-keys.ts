/** What OpenAI answers to the question for a model, and what is made of it: `HOST` stands for its host. */
export type KeyRow = readonly [
  what: string,
  answer: { readonly status: number; readonly code: string | null },
  verification: { readonly verdict: string; readonly found: string; readonly remedy: string },
];

const cannotTell =
  'Check the URL in the settings; a service without a list of models can only be tried: npm run invoke.';

export const keyRows: readonly KeyRow[] = [
  [
    'the provider does not know the key',
    { status: 401, code: 'invalid_api_key' },
    { verdict: 'refused', found: 'HOST refuses the key (HTTP 401).', remedy: 'Get a working key from the provider.' },
  ],
  [
    'the provider does not let the key in',
    { status: 403, code: null },
    { verdict: 'refused', found: 'HOST refuses the key (HTTP 403).', remedy: 'Get a working key from the provider.' },
  ],
  [
    'the provider does not serve this country',
    { status: 403, code: 'unsupported_country_region_territory' },
    {
      verdict: 'untold',
      found: 'HOST answers nobody from the country that this machine is in.',
      remedy: 'Try it from elsewhere; the agent asks from the Region of its environment.',
    },
  ],
  [
    'the provider has no such model for the key',
    { status: 404, code: 'model_not_found' },
    {
      verdict: 'limited',
      found: 'HOST takes the key, and has no model gpt-4.1-mini for it.',
      remedy: 'Change "openai.modelId", or use a key of a project that has the model.',
    },
  ],
  [
    'the service has no list of models',
    { status: 404, code: null },
    { verdict: 'untold', found: 'HOST does not say whether it takes the key (HTTP 404).', remedy: cannotTell },
  ],
  [
    'the quota of the key is used up',
    { status: 429, code: 'insufficient_quota' },
    {
      verdict: 'limited',
      found: 'HOST takes the key, and its account has no quota left.',
      remedy: 'Check plan and billing of the account with the provider.',
    },
  ],
  [
    'the provider throttles the key',
    { status: 429, code: 'rate_limit_exceeded' },
    { verdict: 'limited', found: 'HOST throttles the key (HTTP 429).', remedy: 'Try again later.' },
  ],
  [
    'the provider fails',
    { status: 503, code: null },
    { verdict: 'untold', found: 'HOST does not say whether it takes the key (HTTP 503).', remedy: cannotTell },
  ],
];
