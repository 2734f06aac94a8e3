import { modelRules } from '../../agent/src/model-settings.ts';
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
  /** Undefined means OpenAI's own. */
  readonly baseUrl: string | undefined;
  close(): Promise<void>;
}

/**
 * OpenAI, or what speaks like it, where there is a key for it; otherwise the offline model.
 *
 * @throws UserError for a key that the deployment, or a base URL that the agent, would refuse
 */
export async function chooseModel(env: NodeJS.ProcessEnv): Promise<Model> {
  const key = env.OPENAI_API_KEY?.trim();
  if (key) {
    const problem = problemOfApiKey(key);
    if (problem) {
      throw new UserError(`OPENAI_API_KEY ${problem}. Set it to the real key, or unset it for the offline model.`);
    }
    const baseUrl = env.OPENAI_BASE_URL?.trim() || undefined;
    if (baseUrl !== undefined && modelRules.baseUrl.parse(baseUrl) === undefined) {
      throw new UserError(`OPENAI_BASE_URL must be ${modelRules.baseUrl.allowed}.`);
    }
    // The rule allows http on this machine only.
    const onThisMachine = baseUrl?.startsWith('http:') ?? false;
    return { offline: false, onThisMachine, key, baseUrl, close: async () => {} };
  }
  const model = await startOfflineModel();
  return { offline: true, onThisMachine: true, key: model.key, baseUrl: model.url, close: () => model.close() };
}
