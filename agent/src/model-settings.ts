import {
  type Environment,
  matching,
  oneOf,
  type Rule,
  read,
  readOptional,
  SettingsError,
  urlForKeys,
} from './setting.ts';

/** Names of the variables that say which model is asked, and where; those of OpenAI's own SDKs where these have any. */
export const modelVariables = {
  provider: 'OPENAI_PROVIDER',
  api: 'OPENAI_API',
  modelId: 'OPENAI_MODEL_ID',
  baseUrl: 'OPENAI_BASE_URL',
  organization: 'OPENAI_ORG_ID',
  project: 'OPENAI_PROJECT_ID',
  endpoint: 'AZURE_OPENAI_ENDPOINT',
  deployment: 'AZURE_OPENAI_DEPLOYMENT',
  apiVersion: 'OPENAI_API_VERSION',
} as const;

/** What applies where a variable is not set. */
export const modelDefaults = { provider: 'openai', api: 'chat', modelId: 'gpt-4.1-mini' } as const;

/** Chat Completions, which every compatible service has, or Responses. */
type Api = 'chat' | 'responses';

export interface OpenAiSettings {
  readonly provider: 'openai';
  readonly api: Api;
  readonly modelId: string;
  /** Undefined means OpenAI's own. */
  readonly baseUrl: string | undefined;
  readonly organization: string | undefined;
  readonly project: string | undefined;
}

export interface AzureOpenAiSettings {
  readonly provider: 'azure';
  readonly api: Api;
  readonly endpoint: string;
  readonly deployment: string;
  /** Undefined means the v1 route, which has none. */
  readonly apiVersion: string | undefined;
}

export type ModelSettings = OpenAiSettings | AzureOpenAiSettings;

/** What is allowed where; the CDK app holds its own settings against the same rules. */
export const modelRules = {
  api: oneOf('chat', 'responses'),
  modelId: {
    allowed: 'the name of a model such as gpt-4.1-mini: up to 256 characters without spaces',
    parse: matching(/^[\x21-\x7e]{1,256}$/),
  },
  baseUrl: {
    allowed: 'an https URL such as https://api.openai.com/v1 (http only on this machine, as the key travels with it)',
    parse: urlForKeys,
  },
  organization: {
    allowed: 'the ID of an organization, such as org-AbC123',
    parse: matching(/^org-[a-zA-Z0-9]{1,64}$/),
  },
  project: { allowed: 'the ID of a project, such as proj_AbC123', parse: matching(/^proj_[a-zA-Z0-9]{1,64}$/) },
  endpoint: {
    allowed:
      'the https URL of an Azure OpenAI resource, such as https://my-team.openai.azure.com, without /openai at its end',
    parse: (text) => (/\/openai(\/|$)/.test(text) ? undefined : urlForKeys(text)?.replace(/\/+$/, '')),
  },
  deployment: {
    allowed: 'the name of a deployment: up to 64 letters, digits, hyphens, underscores and dots',
    parse: matching(/^[\w.-]{1,64}$/),
  },
  apiVersion: {
    allowed: 'an API version such as 2024-10-21 (leave it out for the v1 route, which has none)',
    parse: matching(/^20\d\d-\d\d-\d\d(-preview)?$/),
  },
} satisfies Record<string, Rule<string>>;

/** Why the Responses API and an API version do not go together; the sentence that follows the setting's name. */
export const responsesNeedsV1 = 'must be left out with the Responses API, which Azure OpenAI has on its v1 route only';

/**
 * Reads which model is asked, and where.
 *
 * @throws SettingsError for the first variable that is missing or not allowed
 */
export function readModelSettings(env: Environment): ModelSettings {
  const provider = read(env, modelVariables.provider, {
    ...oneOf('openai', 'azure'),
    fallback: modelDefaults.provider,
  });
  const api = read(env, modelVariables.api, { ...modelRules.api, fallback: modelDefaults.api });
  if (provider === 'openai') {
    return {
      provider,
      api,
      modelId: read(env, modelVariables.modelId, { ...modelRules.modelId, fallback: modelDefaults.modelId }),
      baseUrl: readOptional(env, modelVariables.baseUrl, modelRules.baseUrl),
      organization: readOptional(env, modelVariables.organization, modelRules.organization),
      project: readOptional(env, modelVariables.project, modelRules.project),
    };
  }
  const apiVersion = readOptional(env, modelVariables.apiVersion, modelRules.apiVersion);
  if (api === 'responses' && apiVersion !== undefined) {
    throw new SettingsError(`${modelVariables.apiVersion} is "${apiVersion}", but ${responsesNeedsV1}.`);
  }
  return {
    provider,
    api,
    endpoint: read(env, modelVariables.endpoint, modelRules.endpoint),
    deployment: read(env, modelVariables.deployment, modelRules.deployment),
    apiVersion,
  };
}

/** The variables that {@link readModelSettings} reads these settings from; none for what is not set. */
export function variablesOf(settings: Partial<ModelSettings>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(modelVariables).flatMap(([name, variable]) => {
      const value = (settings as Readonly<Record<string, string | undefined>>)[name];
      return value === undefined ? [] : [[variable, value]];
    }),
  );
}
