import { apiKeyVariables, type ModelSettings, modelVariables, readModelSettings } from './model-settings.ts';
import { readTracingSettings, type TracingSettings, tracingVariables } from './tracing-settings.ts';
import {
  type Environment,
  matching,
  optional,
  type Rule,
  required,
  SettingsError,
  textOf,
  wholeNumber,
} from './variables.ts';
import { readWeatherSettings, type WeatherSettings, weatherVariables } from './weather-settings.ts';

/**
 * The environment variables of the agent. The CDK app imports these names to write them into the template, so that
 * the two sides cannot drift.
 */
export const environmentVariables = {
  ...modelVariables,
  ...weatherVariables,
  ...tracingVariables,
  credentialProviderName: 'CREDENTIAL_PROVIDER_NAME',
  weatherCredentialProviderName: 'WEATHER_CREDENTIAL_PROVIDER_NAME',
  workloadIdentityName: 'WORKLOAD_IDENTITY_NAME',
  systemPrompt: 'SYSTEM_PROMPT',
  modelTimeoutSeconds: 'MODEL_TIMEOUT_SECONDS',
  answerTimeoutSeconds: 'ANSWER_TIMEOUT_SECONDS',
  identityTimeoutSeconds: 'IDENTITY_TIMEOUT_SECONDS',
  region: 'AWS_REGION',
  host: 'HOST',
  port: 'PORT',
} as const;

/** Where the local experiment finds the weather service's key. The runtime never reads it. */
export const weatherApiKeyVariable = 'WEATHER_API_KEY';

/** What applies where a variable is not set, or is empty. */
export const defaults = {
  systemPrompt:
    'You are a helpful assistant. You can do simple math calculation with the calculator tool, ' +
    'and tell the weather with the weather tool.',
  modelTimeoutSeconds: 60,
  // AgentCore Runtime gives up a request after 15 minutes; the agent does before, so that the caller gets a reason.
  answerTimeoutSeconds: 14 * 60,
  identityTimeoutSeconds: 15,
  host: '0.0.0.0',
  port: 8080,
} as const;

/** What the agent needs wherever it runs. */
export interface AgentSettings {
  readonly model: ModelSettings;
  readonly systemPrompt: string;
  /** How long the model may stay silent, before its answer and in the middle of it, in seconds. */
  readonly modelTimeoutSeconds: number;
  /** How the weather service is asked, where there is a key for it. */
  readonly weather: WeatherSettings;
  /** How long the whole answer to one prompt may take, tools included, in seconds. */
  readonly answerTimeoutSeconds: number;
}

/** What the agent needs in AgentCore Runtime. */
export interface RuntimeSettings extends AgentSettings, TracingSettings {
  readonly credentialProviderName: string;
  /** The credential provider of the weather service's key; undefined: the weather is always sunny. */
  readonly weatherCredentialProviderName: string | undefined;
  /** Workload identity for requests that come without a user; undefined refuses them. */
  readonly workloadIdentityName: string | undefined;
  /** How long AgentCore Identity may take to give a key, retries included, in seconds. */
  readonly identityTimeoutSeconds: number;
  readonly region: string;
  readonly host: string;
  /** 0 lets the operating system choose; the log says which. */
  readonly port: number;
}

/** What the agent needs for an experiment on one's own machine. */
export interface LocalSettings extends AgentSettings {
  readonly apiKey: string;
  /** Where the key was found. */
  readonly apiKeyVariable: string;
  readonly weatherApiKey: string | undefined;
}

/**
 * Reads what the agent needs in AgentCore Runtime.
 *
 * @param env the variables, such as `process.env`, or those that a template is about to set
 * @throws SettingsError for the first variable that is missing or not allowed
 */
export function readRuntimeSettings(env: Environment): RuntimeSettings {
  return {
    ...readAgentSettings(env),
    ...readTracingSettings(env),
    credentialProviderName: required(env, environmentVariables.credentialProviderName, providerNameRule),
    weatherCredentialProviderName: optional(env, environmentVariables.weatherCredentialProviderName, providerNameRule),
    workloadIdentityName: optional(env, environmentVariables.workloadIdentityName, {
      allowed: 'the name of an AgentCore workload identity: 3 to 255 letters, digits, hyphens, underscores and dots',
      parse: matching(/^[a-zA-Z0-9_.-]{3,255}$/),
    }),
    identityTimeoutSeconds:
      optional(env, environmentVariables.identityTimeoutSeconds, {
        allowed: 'a whole number of seconds from 1 to 60',
        parse: wholeNumber(1, 60),
      }) ?? defaults.identityTimeoutSeconds,
    region: required(env, environmentVariables.region, {
      allowed: 'an AWS Region such as us-west-2',
      parse: matching(/^[a-z]{2,}(-[a-z0-9]+)+-\d+$/),
    }),
    host:
      optional(env, environmentVariables.host, {
        allowed: 'an address or host name to listen on, such as 0.0.0.0',
        parse: matching(/^[a-zA-Z0-9.:-]{1,253}$/),
      }) ?? defaults.host,
    port:
      optional(env, environmentVariables.port, {
        allowed: 'a whole number from 0 to 65535',
        parse: wholeNumber(0, 65_535),
      }) ?? defaults.port,
  };
}

/**
 * Reads what the agent needs for an experiment on one's own machine.
 *
 * @param env the variables, such as `process.env`
 * @throws SettingsError for the first variable that is missing or not allowed; it never shows the key
 */
export function readLocalSettings(env: Environment): LocalSettings {
  const settings = readAgentSettings(env);
  const apiKeyVariable = apiKeyVariables[settings.model.provider];
  const apiKey = readKey(env, apiKeyVariable);
  if (!apiKey) throw new SettingsError(`${apiKeyVariable} is not set, but must be the API key of the model provider.`);
  return { ...settings, apiKey, apiKeyVariable, weatherApiKey: readKey(env, weatherApiKeyVariable) };
}

function readKey(env: Environment, name: string): string | undefined {
  const key = textOf(env, name);
  // A line break or a letter outside ASCII cannot be sent in a header; found here, it gets a line that says so.
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw new SettingsError(`${name} must be one line of printable ASCII characters without spaces.`);
  }
  return key;
}

const providerNameRule: Rule<string> = {
  allowed: 'the name of an AgentCore credential provider: 1 to 128 letters, digits, hyphens and underscores',
  parse: matching(/^[a-zA-Z0-9\-_]{1,128}$/),
};

function readAgentSettings(env: Environment): AgentSettings {
  // Its sections net and stream, and every wildcard for them, write what a socket reads: the key, in hexadecimal.
  if (env.NODE_DEBUG?.trim()) {
    throw new SettingsError(
      'NODE_DEBUG must not be set: with it Node.js writes what the agent reads, the key included.',
    );
  }
  return {
    model: readModelSettings(env),
    systemPrompt: textOf(env, environmentVariables.systemPrompt) ?? defaults.systemPrompt,
    modelTimeoutSeconds:
      optional(env, environmentVariables.modelTimeoutSeconds, {
        allowed: 'a whole number of seconds from 1 to 600',
        parse: wholeNumber(1, 600),
      }) ?? defaults.modelTimeoutSeconds,
    weather: readWeatherSettings(env),
    answerTimeoutSeconds:
      optional(env, environmentVariables.answerTimeoutSeconds, {
        allowed: 'a whole number of seconds from 1 to 3600',
        parse: wholeNumber(1, 3600),
      }) ?? defaults.answerTimeoutSeconds,
  };
}
