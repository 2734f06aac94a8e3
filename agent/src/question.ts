import type { ApiKeySource } from './api-key.ts';
import type { Turn } from './conversations.ts';
import type { AgentSettings } from './settings.ts';
import type { ToolKeys } from './tools/index.ts';

/** One prompt and what answering it takes. */
export interface Question {
  readonly prompt: string;
  /** Its turn in the conversation. */
  readonly turn: Pick<Turn, 'history' | 'keep'>;
  readonly settings: AgentSettings;
  readonly apiKey: ApiKeySource;
  readonly toolKeys: ToolKeys;
  /** Aborted when nobody waits for the answer any more, with an InvocationError as the reason. */
  readonly signal: AbortSignal;
}
