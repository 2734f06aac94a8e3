import type { Model } from '@strands-agents/sdk';
import { mendStreams } from './model-streams.ts';
import { type ClientOptions, createClient } from './openai-client.ts';
import { QuietModel } from './quiet-model.ts';

/** What {@link createModel} needs. */
export interface ModelOptions extends ClientOptions {
  /** Says in the agent's words what the model provider answered. */
  readonly inOurWords: (error: unknown) => Error;
}

/** The model that the settings name. */
export function createModel({ inOurWords, ...options }: ModelOptions): Model {
  const { client, modelId } = createClient(options);
  return new QuietModel({ api: options.settings.model.api, modelId, client: mendStreams(client) }, inOurWords);
}
