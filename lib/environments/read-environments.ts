import { SettingsError } from '../settings-error.ts';
import type { CredentialSettings } from './credential.ts';
import { type Environment, environments } from './environment.ts';
import { resolveFiles } from './files.ts';
import { describeIssues, words } from './issues.ts';
import { openai } from './model.ts';
import { refuseSharedNames } from './shared-names.ts';

/**
 * Reads the context value `environments` of cdk.json, and the files that it names.
 *
 * @param value the object, or its JSON text as `cdk --context environments=…` passes it
 * @param folder the folder of cdk.json; by default the working directory, which the `cdk` command runs the app in
 * @throws SettingsError with one line for each setting that is wrong: which one, its value, and what is allowed
 */
export function readEnvironments(value: unknown, folder = process.cwd()): Environment[] {
  if (value === undefined) {
    throw new SettingsError('cdk.json has no context "environments": add {"dev": {"secret": "NAME OR ARN"}}.');
  }
  const { value: given, files } = resolveFiles(typeof value === 'string' ? parseJson(value) : value, folder);
  const parsed = environments.safeParse(given, { error: words });
  if (!parsed.success) throw new SettingsError(describeIssues(environments, parsed.error.issues, given, files));
  const all = Object.entries(parsed.data).map(([name, { openai: ofOpenAI, azure: ofAzure, ...settings }]) => ({
    ...withJsonKey(settings),
    name,
    ...(settings.weather && { weather: withJsonKey(settings.weather) }),
    model: ofAzure
      ? { provider: 'azure' as const, ...ofAzure }
      : { provider: 'openai' as const, ...openai.parse(ofOpenAI ?? {}) },
    runtimeName: settings.runtimeName ?? defaultRuntimeName(name, settings.artifact),
  }));
  refuseSharedNames(all);
  return all;
}

/** Another one for each artifact: AgentCore changes that of a runtime never, so the other needs a runtime of its own. */
function defaultRuntimeName(environmentName: string, artifact: Environment['artifact']): string {
  const name = `outbound_auth_${environmentName.replaceAll('-', '_')}`;
  // Of the longest name of an environment, AgentCore's 48 characters leave four.
  return artifact === 'code' ? `${name}_zip` : name;
}

/** A reference needs the key of the JSON object. */
function withJsonKey<T extends CredentialSettings>(settings: T): T {
  return settings.source === 'reference'
    ? { ...settings, secretJsonKey: settings.secretJsonKey ?? 'apiKey' }
    : settings;
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw new SettingsError('The context "environments" is not JSON.');
  }
}
