import { startOfflineModel } from '../../offline-model/index.ts';

/** The model that the agent asks. */
export interface Model {
  readonly offline: boolean;
  /** The key for it; it goes into Secrets Manager and nowhere else. */
  readonly key: string;
  /** Undefined means OpenAI's own. */
  readonly baseUrl: string | undefined;
  close(): Promise<void>;
}

/** OpenAI, or what speaks like it, where there is a key for it; otherwise the offline model. */
export async function chooseModel(env: NodeJS.ProcessEnv): Promise<Model> {
  const key = env.OPENAI_API_KEY?.trim();
  if (key) {
    return { offline: false, key, baseUrl: env.OPENAI_BASE_URL?.trim() || undefined, close: async () => {} };
  }
  const model = await startOfflineModel();
  return { offline: true, key: model.key, baseUrl: model.url, close: () => model.close() };
}
