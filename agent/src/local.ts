import { once } from 'node:events';
import type { ApiKeySource } from './api-key.ts';
import { InvocationError } from './invocation-error.ts';
import { apiKeyVariables, modelDefaults } from './model-settings.ts';
import { parsePayload } from './payload.ts';
import { defaults, environmentVariables, readLocalSettings, weatherApiKeyVariable } from './settings.ts';
import { terminalText } from './terminal-text.ts';
import { SettingsError } from './variables.ts';
import { weatherDefaults, weatherRules } from './weather-settings.ts';

const usage = `Runs the agent once on this machine, without AWS.

  npm run agent -- '{"prompt": "What is the weather now?"}'

Environment:
${table([
  [environmentVariables.provider, 'openai (default) or azure'],
  [environmentVariables.api, `chat or responses (default: ${modelDefaults.api})`],
  [environmentVariables.systemPrompt, 'the instructions of the agent'],
  [
    environmentVariables.modelTimeoutSeconds,
    `how long the model may stay silent (default: ${defaults.modelTimeoutSeconds})`,
  ],
])}
OpenAI:
${table([
  [apiKeyVariables.openai, 'the API key (required)'],
  [environmentVariables.modelId, `the model (default: ${modelDefaults.modelId})`],
  [environmentVariables.baseUrl, 'another model provider with the same API'],
  [environmentVariables.organization, 'the organization that pays, where the key has several'],
  [environmentVariables.project, 'the project that pays'],
])}
Azure OpenAI:
${table([
  [apiKeyVariables.azure, 'the API key (required)'],
  [environmentVariables.endpoint, 'such as https://my-resource.openai.azure.com (required)'],
  [environmentVariables.deployment, 'the deployment of a model (required)'],
  [environmentVariables.apiVersion, 'such as 2024-10-21 (default: none, which is the v1 route)'],
])}
Weather:
${table([
  [weatherApiKeyVariable, 'the API key of the weather service; without it, it is always sunny'],
  [environmentVariables.weatherUnits, `${weatherRules.units.allowed} (default: ${weatherDefaults.units})`],
  [environmentVariables.weatherPlace, 'where the weather is told for when nobody names a place'],
])}`;

function table(rows: readonly (readonly [name: string, what: string])[]): string {
  return rows.map(([name, what]) => `  ${name.padEnd(26)}${what}\n`).join('');
}

/**
 * The local experiment: asks the agent once, with the key from the environment, and streams the answer to stdout.
 *
 * @param args the payload as one argument of JSON, or `--help`
 * @returns the exit status: 0, or 1 after one line on stderr that says what went wrong
 */
export async function runAgentLocally(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage);
    return 0;
  }
  try {
    const { prompt } = parsePayload(onlyArgument(args));
    const settings = readLocalSettings(process.env);
    const apiKey = fromEnvironment(settings.apiKeyVariable, settings.apiKey);
    const { weatherApiKey } = settings;
    const toolKeys = { weather: weatherApiKey ? fromEnvironment(weatherApiKeyVariable, weatherApiKey) : undefined };
    // Loaded only now, so that wrong input is answered at once.
    const [{ ask }, { singleTurn }] = await Promise.all([import('./agent.ts'), import('./conversations.ts')]);
    const { signal } = new AbortController();
    for await (const text of ask({ prompt, turn: singleTurn, settings, apiKey, toolKeys, signal })) {
      if (typeof text !== 'string') continue;
      if (!process.stdout.write(terminalText(text, process.stdout))) await once(process.stdout, 'drain');
    }
    process.stdout.write('\n');
    return 0;
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    return 1;
  }
}

function onlyArgument(args: readonly string[]): string {
  const [payload, ...rest] = args;
  if (payload !== undefined && rest.length === 0) return payload;
  throw new InvocationError(
    'InvalidPayload',
    `Give the payload as one argument: npm run agent -- '{"prompt": "What is the weather now?"}' (or --help).`,
  );
}

function fromEnvironment(variable: string, key: string): ApiKeySource {
  return {
    keyName: `the key in ${variable}`,
    remedy: `Set ${variable} to a working key.`,
    get: async () => key,
    replace: async () => key,
  };
}

function describe(error: unknown): string {
  if (error instanceof SettingsError) return error.message;
  if (error instanceof InvocationError) {
    return error.code === 'InternalError' && error.detail ? `${error.message} ${error.detail}` : error.message;
  }
  return String(error);
}

if (import.meta.main) {
  void runAgentLocally(process.argv.slice(2)).then((status) => {
    process.exitCode = status;
  });
}
