import {
  ContextWindowOverflowError,
  type Message,
  type ModelStreamEvent,
  type StreamOptions,
} from '@strands-agents/sdk';
import type { OpenAIModelOptions } from '@strands-agents/sdk/models/openai';
import { ChatModel } from './chat-model.ts';

/**
 * The model, whose errors are in our words before anything above it sees them: Strands writes them into its traces, and
 * those of a model provider may quote the key.
 */
export class QuietModel extends ChatModel {
  readonly #inOurWords: (error: unknown) => Error;

  constructor(options: OpenAIModelOptions, inOurWords: (error: unknown) => Error) {
    super(options);
    this.#inOurWords = inOurWords;
  }

  override async *stream(messages: Message[], options?: StreamOptions): AsyncGenerator<ModelStreamEvent> {
    try {
      yield* super.stream(messages, options);
    } catch (error) {
      // Strands knows what to do about this one.
      if (error instanceof ContextWindowOverflowError) throw new ContextWindowOverflowError('too long a conversation');
      // A chunk of another shape, which the client found out by breaking on it; the other is undici's broken connection.
      const misshapen = error instanceof TypeError && error.message !== 'terminated';
      throw this.#inOurWords(misshapen ? new SyntaxError('misshapen', { cause: error }) : error);
    }
  }
}
