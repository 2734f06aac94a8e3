import type { Message, ModelStreamEvent, StreamOptions } from '@strands-agents/sdk';
import { OpenAIModel } from '@strands-agents/sdk/models/openai';

/**
 * The OpenAI model of Strands, with each block of a message closed before the next one opens.
 *
 * Strands 1.19 closes them all at the end of the message, and then keeps only the last: of two tools that the model
 * calls at once only one would run, and what it says before a tool call would be lost from the conversation.
 */
export class ChatModel extends OpenAIModel {
  override async *stream(messages: Message[], options?: StreamOptions): AsyncGenerator<ModelStreamEvent> {
    let open = false;
    for await (const event of super.stream(messages, options)) {
      if (event.type === 'modelContentBlockStartEvent') {
        if (open) yield { type: 'modelContentBlockStopEvent' };
        open = true;
      } else if (event.type === 'modelContentBlockStopEvent') {
        if (!open) continue;
        open = false;
      }
      yield event;
    }
  }
}
