import {
  type Environment,
  matching,
  oneOf,
  optional,
  type Rule,
  required,
  SettingsError,
  textOf,
  urlForKeys,
} from './variables.ts';

export const providers = ['openai', 'azure'] as const;
export type Provider = (typeof providers)[number];

/** The APIs of both providers: Chat Completions and Responses. */
export const apis = ['chat', 'responses'] as const;
export type Api = (typeof apis)[number];

export interface OpenAISettings {
  readonly provider: 'openai';
  readonly api: Api;
  readonly modelId: string;
  /** Undefined means OpenAI's own. */
  readonly baseUrl?: string | undefined;
  /** Who pays, where the key belongs to several. */
  readonly organization?: string | undefined;
  readonly project?: string | undefined;
}

export interface AzureSettings {
  readonly provider: 'azure';
  readonly api: Api;
  /** URL of the resource, or of a gateway in front of it: what stands before `/openai`. */
  readonly endpoint: string;
  readonly deployment: string;
  /** Undefined means the v1 route, which has no versions. */
  readonly apiVersion?: string | undefined;
}

/** Which model the agent asks, of whom, and by which API. */
export type ModelSettings = OpenAISettings | AzureSettings;

/**
 * The variables of {@link ModelSettings}: `OPENAI_PROVIDER` and those of Azure as in AWS's tutorial, the others as in
 * OpenAI's own SDK, which has none for the API.
 */
export const modelVariables = {
  provider: 'OPENAI_PROVIDER',
  api: 'OPENAI_API',
  modelId: 'OPENAI_MODEL_ID',
  baseUrl: 'OPENAI_BASE_URL',
  organization: 'OPENAI_ORG_ID',
  project: 'OPENAI_PROJECT_ID',
  endpoint: 'AZURE_OPENAI_ENDPOINT',
  deployment: 'AZURE_OPENAI_DEPLOYMENT',
  apiVersion: 'AZURE_OPENAI_API_VERSION',
} as const;

/** Where commands on one's own machine find the key. The runtime never reads it: there, it comes from AgentCore Identity. */
export const apiKeyVariables: Readonly<Record<Provider, string>> = {
  openai: 'OPENAI_API_KEY',
  azure: 'AZURE_OPENAI_API_KEY',
};

export const modelDefaults = { modelId: 'gpt-4.1-mini', api: 'chat' } as const;

/** What is allowed where; the CDK app holds its own settings against the same rules. */
export const modelRules = {
  modelId: {
    allowed: 'the name of a model such as gpt-4.1-mini: up to 256 characters without spaces',
    parse: matching(/^[\x21-\x7e]{1,256}$/),
  },
  baseUrl: {
    allowed: 'an https URL such as https://api.openai.com/v1 (http only on this machine, as the key travels with it)',
    parse: urlForKeys,
  },
  organization: {
    allowed: 'the id of an OpenAI organization such as org-abc',
    parse: matching(/^(?!sk-)[\w-]{1,128}$/),
  },
  project: {
    allowed: 'the id of an OpenAI project such as proj_abc',
    parse: matching(/^(?!sk-)[\w-]{1,128}$/),
  },
  endpoint: {
    allowed:
      'the https URL that stands before /openai, such as https://my-resource.openai.azure.com, with no key or query in ' +
      'it (http only on this machine, as the key travels with it)',
    parse: azureEndpoint,
  },
  deployment: {
    allowed: 'the name of an Azure OpenAI deployment: up to 64 letters, digits, hyphens, underscores and dots',
    parse: matching(/^\w[\w.-]{0,63}$/),
  },
  apiVersion: {
    allowed:
      'a version of the Azure OpenAI API such as 2024-10-21, and none before 2024-09-01, where a stream has no token ' +
      'usage; without one, the v1 route is asked',
    parse: apiVersion,
  },
} satisfies Record<string, Rule<string>>;

/** Azure has the Responses API on its v1 route only. */
export const responsesNeedV1 =
  'must be left out for the Responses API, which Azure OpenAI has on its v1 route, without a version';

/**
 * Reads which model to ask.
 *
 * @throws SettingsError for the first variable that is missing, not allowed, or contradicts another
 */
export function readModelSettings(env: Environment): ModelSettings {
  const provider = optional(env, modelVariables.provider, oneOf(providers));
  const api = optional(env, modelVariables.api, oneOf(apis)) ?? modelDefaults.api;
  if (provider === 'azure') return readAzureSettings(env, api);
  if (provider === undefined) refuse(env, azureOnly, `${modelVariables.provider} is not: set it to azure or openai`);
  return {
    provider: 'openai',
    api,
    modelId: optional(env, modelVariables.modelId, modelRules.modelId) ?? modelDefaults.modelId,
    baseUrl: optional(env, modelVariables.baseUrl, modelRules.baseUrl),
    organization: optional(env, modelVariables.organization, modelRules.organization),
    project: optional(env, modelVariables.project, modelRules.project),
  };
}

const azureOnly = ['endpoint', 'deployment', 'apiVersion'] as const;
const openaiOnly = ['modelId', 'baseUrl', 'organization', 'project'] as const;

function readAzureSettings(env: Environment, api: Api): AzureSettings {
  refuse(
    env,
    openaiOnly,
    `${modelVariables.provider} is azure: unset it (${modelVariables.endpoint} and ${modelVariables.deployment} say what is asked)`,
  );
  const settings: AzureSettings = {
    provider: 'azure',
    api,
    endpoint: required(env, modelVariables.endpoint, modelRules.endpoint),
    deployment: required(env, modelVariables.deployment, modelRules.deployment),
    apiVersion: optional(env, modelVariables.apiVersion, modelRules.apiVersion),
  };
  if (contradicts(settings)) {
    throw new SettingsError(`${modelVariables.apiVersion} is "${settings.apiVersion}", but ${responsesNeedV1}.`);
  }
  return settings;
}

/** Whether the settings ask for {@link responsesNeedV1}. */
export function contradicts({ api, apiVersion }: Pick<AzureSettings, 'api' | 'apiVersion'>): boolean {
  return api === 'responses' && apiVersion !== undefined;
}

function refuse(env: Environment, names: readonly (keyof typeof modelVariables)[], why: string): void {
  for (const name of names) {
    const variable = modelVariables[name];
    if (textOf(env, variable) !== undefined) throw new SettingsError(`${variable} is set, but ${why}.`);
  }
}

/** The variables that say the same, and no other: {@link readModelSettings} gives these settings again. */
export function modelEnvironment(settings: ModelSettings): Record<string, string> {
  return Object.fromEntries(
    Object.entries(modelVariables).flatMap(([name, variable]) => {
      const value = name in settings ? settings[name as keyof ModelSettings] : undefined;
      return value === undefined ? [] : [[variable, value]];
    }),
  );
}

/** @returns the name by which requests call what they ask: that of a model, or of a deployment */
export function modelNameOf(settings: ModelSettings): string {
  return settings.provider === 'azure' ? settings.deployment : settings.modelId;
}

function azureEndpoint(text: string): string | undefined {
  if (urlForKeys(text) === undefined || /\/openai(\/(v1|deployments|responses|chat)(\/.*)?)?\/*$/i.test(text)) {
    return undefined;
  }
  return text.replace(/\/+$/, '');
}

function apiVersion(text: string): string | undefined {
  return /^\d{4}-\d{2}-\d{2}(-preview)?$/.test(text) && text >= '2024-09-01' ? text : undefined;
}
