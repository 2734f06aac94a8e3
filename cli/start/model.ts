import {
  apiKeyVariables,
  type ModelSettings,
  modelEnvironment,
  modelVariables,
  providers,
  readModelSettings,
} from '../../agent/src/model-settings.ts';
import { type Environment, oneOf, optional, textOf } from '../../agent/src/variables.ts';
import { problemOfApiKey } from '../../lib/credential-provider/api-key.ts';
import { startOfflineModel } from '../../offline-model/index.ts';
import { UserError } from '../user-error.ts';

/** The model that the agent asks. */
export interface Model {
  readonly offline: boolean;
  /** Whether its key is good for nothing but a model on this machine. */
  readonly onThisMachine: boolean;
  /** The key for it; it goes into Secrets Manager and nowhere else. */
  readonly key: string;
  /** Where it is, and how it is asked. */
  readonly settings: ModelSettings;
  close(): Promise<void>;
}

/**
 * OpenAI, what speaks like it, or Azure OpenAI, where there is a key for it; otherwise the offline model.
 *
 * @param env what a variable does not say is as the environment of cdk.json has it
 * @param configured the model of that environment
 * @throws UserError for a key that the deployment would refuse, SettingsError for a variable that the agent would
 */
export async function chooseModel(env: Environment, configured: ModelSettings): Promise<Model> {
  const provider = optional(env, modelVariables.provider, oneOf(providers));
  const asked = provider ?? configured.provider;
  const variable = apiKeyVariables[asked];
  const key = textOf(env, variable);
  if (key === undefined) {
    if (provider === 'azure') {
      throw new UserError(
        `${modelVariables.provider} is azure, but ${variable} is not set: set it to the key, or unset ${modelVariables.provider} for the offline model.`,
      );
    }
    return offlineModel();
  }
  const problem = problemOfApiKey(key);
  if (problem)
    throw new UserError(`${variable} ${problem}. Set it to the real key, or unset it for the offline model.`);
  const settings = readModelSettings({
    ...(configured.provider === asked && modelEnvironment(configured)),
    ...Object.fromEntries(
      Object.values(modelVariables).flatMap((name) => (textOf(env, name) ? [[name, env[name]]] : [])),
    ),
    // Not said at all is not the same as openai: where Azure's variables stand beside it, somebody forgot to.
    [modelVariables.provider]: provider ?? (asked === 'azure' ? asked : undefined),
  });
  const url = settings.provider === 'azure' ? settings.endpoint : settings.baseUrl;
  // The rules allow http on this machine only.
  const onThisMachine = url?.startsWith('http:') ?? false;
  return { offline: false, onThisMachine, key, settings, close: async () => {} };
}

async function offlineModel(): Promise<Model> {
  const model = await startOfflineModel();
  const settings = readModelSettings({ [modelVariables.baseUrl]: model.url });
  return { offline: true, onThisMachine: true, key: model.key, settings, close: () => model.close() };
}
