import { redact } from './redact.ts';

/**
 * The environment variables of the agent. The CDK app imports these names to write them into the template, so that
 * the two sides cannot drift.
 */
export const environmentVariables = {
  modelId: 'OPENAI_MODEL_ID',
  baseUrl: 'OPENAI_BASE_URL',
  credentialProviderName: 'CREDENTIAL_PROVIDER_NAME',
  workloadIdentityName: 'WORKLOAD_IDENTITY_NAME',
  systemPrompt: 'SYSTEM_PROMPT',
  modelTimeoutSeconds: 'MODEL_TIMEOUT_SECONDS',
  region: 'AWS_REGION',
  host: 'HOST',
  port: 'PORT',
} as const;

/** Where the local experiment finds the key. The runtime never reads it: there, the key comes from AgentCore Identity. */
export const apiKeyVariable = 'OPENAI_API_KEY';

/** What applies where a variable is not set, or is empty. */
export const defaults = {
  modelId: 'gpt-4.1-mini',
  systemPrompt:
    'You are a helpful assistant. You can do simple math calculation with the calculator tool, ' +
    'and tell the weather with the weather tool.',
  modelTimeoutSeconds: 60,
  host: '0.0.0.0',
  port: 8080,
} as const;

/** What the agent needs wherever it runs. */
export interface AgentSettings {
  readonly modelId: string;
  /** Undefined means OpenAI's own. */
  readonly baseUrl: string | undefined;
  readonly systemPrompt: string;
  /** How long the model may stay silent, before its answer and in the middle of it, in seconds. */
  readonly modelTimeoutSeconds: number;
}

/** What the agent needs in AgentCore Runtime. */
export interface RuntimeSettings extends AgentSettings {
  readonly credentialProviderName: string;
  /** Workload identity for requests that come without a user; undefined refuses them. */
  readonly workloadIdentityName: string | undefined;
  readonly region: string;
  readonly host: string;
  /** 0 lets the operating system choose; the log says which. */
  readonly port: number;
}

/** What the agent needs for an experiment on one's own machine. */
export interface LocalSettings extends AgentSettings {
  readonly apiKey: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that is missing or not allowed; the message is one line and names variable, value and what is allowed. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
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
    credentialProviderName: read(env, environmentVariables.credentialProviderName, {
      allowed: 'the name of an AgentCore credential provider: 1 to 128 letters, digits, hyphens and underscores',
      parse: matching(/^[a-zA-Z0-9\-_]{1,128}$/),
    }),
    workloadIdentityName: read<string | undefined>(env, environmentVariables.workloadIdentityName, {
      allowed: 'the name of an AgentCore workload identity: 3 to 255 letters, digits, hyphens, underscores and dots',
      parse: matching(/^[a-zA-Z0-9_.-]{3,255}$/),
      fallback: undefined,
    }),
    region: read(env, environmentVariables.region, {
      allowed: 'an AWS Region such as us-west-2',
      parse: matching(/^[a-z]{2,}(-[a-z0-9]+)+-\d+$/),
    }),
    host: read(env, environmentVariables.host, {
      allowed: 'an address or host name to listen on, such as 0.0.0.0',
      parse: matching(/^[a-zA-Z0-9.:-]{1,253}$/),
      fallback: defaults.host,
    }),
    port: read(env, environmentVariables.port, {
      allowed: 'a whole number from 0 to 65535',
      parse: wholeNumber(0, 65_535),
      fallback: defaults.port,
    }),
  };
}

/**
 * Reads what the agent needs for an experiment on one's own machine.
 *
 * @param env the variables, such as `process.env`
 * @throws SettingsError for the first variable that is missing or not allowed; it never shows the key
 */
export function readLocalSettings(env: Environment): LocalSettings {
  const apiKey = env[apiKeyVariable]?.trim();
  if (!apiKey) throw new SettingsError(`${apiKeyVariable} is not set, but must be the API key of the model provider.`);
  // A line break or a letter outside ASCII cannot be sent in a header; found here, it gets a line that says so.
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new SettingsError(`${apiKeyVariable} must be one line of printable ASCII characters without spaces.`);
  }
  return { ...readAgentSettings(env), apiKey };
}

/** What is allowed where; the CDK app holds its own settings against the same rules. */
export const rules = {
  modelId: {
    allowed: 'the name of a model such as gpt-4.1-mini: up to 256 characters without spaces',
    parse: matching(/^[\x21-\x7e]{1,256}$/),
  },
  baseUrl: {
    allowed: 'an https URL such as https://api.openai.com/v1 (http only on this machine, as the key travels with it)',
    parse: baseUrl,
  },
} satisfies Record<string, Rule<string>>;

function readAgentSettings(env: Environment): AgentSettings {
  // Its sections net and stream, and every wildcard for them, write what a socket reads: the key, in hexadecimal.
  if (env.NODE_DEBUG?.trim()) {
    throw new SettingsError(
      'NODE_DEBUG must not be set: with it Node.js writes what the agent reads, the key included.',
    );
  }
  return {
    modelId: read(env, environmentVariables.modelId, { ...rules.modelId, fallback: defaults.modelId }),
    baseUrl: read<string | undefined>(env, environmentVariables.baseUrl, { ...rules.baseUrl, fallback: undefined }),
    systemPrompt: read(env, environmentVariables.systemPrompt, {
      allowed: 'a text',
      parse: (text) => text,
      fallback: defaults.systemPrompt,
    }),
    modelTimeoutSeconds: read(env, environmentVariables.modelTimeoutSeconds, {
      allowed: 'a whole number of seconds from 1 to 600',
      parse: wholeNumber(1, 600),
      fallback: defaults.modelTimeoutSeconds,
    }),
  };
}

/** A rule for the text of one variable. */
export interface Rule<T> {
  readonly allowed: string;
  /** Gives undefined for what is not allowed. */
  readonly parse: (text: string) => T | undefined;
  readonly fallback?: T;
}

function read<T>(env: Environment, name: string, rule: Rule<T>): T {
  const text = env[name]?.trim();
  if (!text) {
    if ('fallback' in rule) return rule.fallback as T;
    throw new SettingsError(`${name} is not set, but must be ${rule.allowed}.`);
  }
  const value = rule.parse(text);
  if (value === undefined) {
    throw new SettingsError(`${name} is ${JSON.stringify(redact(text))}, but must be ${rule.allowed}.`);
  }
  return value;
}

function matching(pattern: RegExp): (text: string) => string | undefined {
  return (text) => (pattern.test(text) ? text : undefined);
}

function wholeNumber(least: number, most: number): (text: string) => number | undefined {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  };
}

function baseUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const onThisMachine = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  const encrypted = url.protocol === 'https:' || (url.protocol === 'http:' && onThisMachine);
  return encrypted && !url.username && !url.password && !url.search && !url.hash ? text : undefined;
}
