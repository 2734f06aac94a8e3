import { once } from 'node:events';
import type { ApiKeySource } from './api-key.ts';
import { InvocationError } from './invocation-error.ts';
import { modelDefaults, modelRules } from './model-settings.ts';
import { parsePayload } from './payload.ts';
import { SettingsError } from './setting.ts';
import {
  apiKeyVariables,
  defaults,
  readLocalSettings,
  environmentVariables as v,
  weatherApiKeyVariable,
} from './settings.ts';
import { terminalText } from './terminal-text.ts';
import { weatherDefaults, weatherRules } from './weather-settings.ts';

const usage = `Runs the agent once on this machine, without AWS.

  npm run agent -- '{"prompt": "What is the weather now?"}'

Environment:
  ${apiKeyVariables.openai}         the API key of OpenAI (required)
  ${v.modelId}        the model (default: ${modelDefaults.modelId})
  ${v.baseUrl}        another model provider with the same API
  ${v.organization}          ${modelRules.organization.allowed}
  ${v.project}      ${modelRules.project.allowed}
  ${v.api}             chat or responses (default: ${modelDefaults.api})
  ${v.systemPrompt}          the instructions of the agent
  ${v.modelTimeoutSeconds}  how long the model may stay silent (default: ${defaults.modelTimeoutSeconds})
  ${weatherApiKeyVariable}        the API key of the weather service; without it, it is always sunny
  ${v.weatherUnits}          ${weatherRules.units.allowed} (default: ${weatherDefaults.units})
  ${v.weatherPlace}          where the weather is told for when nobody names a place

With ${v.provider}=azure, Azure OpenAI instead:
  ${apiKeyVariables.azure}     its API key (required)
  ${v.endpoint}    such as https://my-team.openai.azure.com (required)
  ${v.deployment}  the name of the deployment (required)
  ${v.apiVersion}       such as 2024-10-21 (default: the v1 route, which has none)
`;

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
