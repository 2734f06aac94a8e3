import type { Message, ModelStreamEvent, StreamOptions } from '@strands-agents/sdk';
import { OpenAIModel } from '@strands-agents/sdk/models/openai';
import { InvocationError } from './invocation-error.ts';
import { modelLimits } from './limits.ts';

/**
 * The OpenAI model of Strands, with each block of a message closed before the next one opens.
 *
 * Strands 1.19 closes them all at the end of the message, and then keeps only the last: of two tools that the model
 * calls at once only one would run, and what it says before a tool call would be lost from the conversation. (Its reader
 * of the Responses API closes them in time.)
 *
 * And with bounds on what one message can make the agent do.
 */
export class ChatModel extends OpenAIModel {
  override async *stream(messages: Message[], options?: StreamOptions): AsyncGenerator<ModelStreamEvent> {
    let open = false;
    const bounds = createBounds();
    for await (const said of super.stream(messages, options)) {
      const event = withHarmlessName(said);
      bounds.check(event);
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

/**
 * Strands counts the calls of each tool in an object, by name: for one called `__proto__` it would count in the prototype
 * of all objects, and every request after that would fail.
 */
function withHarmlessName(event: ModelStreamEvent): ModelStreamEvent {
  if (event.type !== 'modelContentBlockStartEvent' || event.start?.type !== 'toolUseStart') return event;
  const { name } = event.start;
  return name in Object.prototype ? { ...event, start: { ...event.start, name: `unknown_${name}` } } : event;
}

function createBounds() {
  let toolCalls = 0;
  let toolArguments = 0;
  return {
    /** @throws InvocationError ToolLoopLimitExceeded */
    check(event: ModelStreamEvent): void {
      if (event.type === 'modelContentBlockStartEvent' && event.start?.type === 'toolUseStart') toolCalls++;
      if (event.type === 'modelContentBlockDeltaEvent' && event.delta.type === 'toolUseInputDelta') {
        toolArguments += event.delta.input.length;
      }
      if (toolCalls > modelLimits.toolCalls) {
        throw new InvocationError(
          'ToolLoopLimitExceeded',
          `The model called more than ${modelLimits.toolCalls} tools at once.`,
        );
      }
      if (toolArguments > modelLimits.toolArguments) {
        throw new InvocationError(
          'ToolLoopLimitExceeded',
          `The model called tools with more than ${modelLimits.toolArguments / 1024} KB of arguments.`,
        );
      }
    },
  };
}
