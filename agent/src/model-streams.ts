import { APIError, type OpenAI } from 'openai';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';

/** A resource of the OpenAI client, as far as Strands uses it. */
type Create<Event> = (body: object, options?: RequestOptions) => Promise<AsyncIterable<Event>>;

interface RequestOptions {
  readonly signal?: AbortSignal;
}

/**
 * Puts in front of Strands what its readers of both streams pass over in 1.19: refusals, usage that comes with the last
 * words; and with the Responses API why an answer is not whole, which they take for a whole one.
 *
 * @returns the same client
 */
export function mendStreams(client: OpenAI): OpenAI {
  mend<ChatCompletionChunk>(client.chat.completions, mendedChunks);
  mend<ResponseStreamEvent>(client.responses, mendedEvents);
  return client;
}

function mend<Event>(
  resource: object,
  mended: (events: AsyncIterable<Event>, signal: AbortSignal | undefined) => AsyncIterable<Event>,
): void {
  // The types of the client's own method are those of every way to call it; Strands calls it in this one.
  const target = resource as { create: Create<Event> };
  const create = target.create.bind(target);
  target.create = async (body, options) => mended(await create(body, options), options?.signal);
}

async function* mendedChunks(chunks: AsyncIterable<ChatCompletionChunk>): AsyncGenerator<ChatCompletionChunk> {
  for await (const chunk of chunks) {
    const delta = chunk.choices?.[0]?.delta;
    if (delta?.refusal) delta.content = (delta.content ?? '') + delta.refusal;
    yield chunk;
    // Strands looks for it in chunks without choices, as OpenAI sends it; some gateways do not.
    if (chunk.usage && chunk.choices?.length > 0) yield { ...chunk, choices: [] };
  }
}

async function* mendedEvents(
  events: AsyncIterable<ResponseStreamEvent>,
  signal: AbortSignal | undefined,
): AsyncGenerator<ResponseStreamEvent> {
  let completed = false;
  let spoken = false;
  let separator = '';
  for await (const event of events) {
    switch (event.type) {
      case 'response.output_item.added':
        // What the model says in two messages are two paragraphs, and would run into each other.
        if (event.item.type === 'message' && spoken) separator = '\n\n';
        yield event;
        break;
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        yield { ...event, type: 'response.output_text.delta', delta: separator + event.delta, logprobs: [] };
        spoken = true;
        separator = '';
        break;
      case 'response.incomplete':
        throw streamError(event.response.incomplete_details?.reason ?? 'incomplete');
      case 'response.failed':
        throw streamError(event.response.error?.code, event.response.error?.message);
      case 'error':
        throw streamError(event.code, event.message);
      case 'response.completed':
        completed = true;
        yield event;
        break;
      default:
        yield event;
    }
  }
  if (!completed && !signal?.aborted) throw new Error('Stream ended without response.completed');
}

/** As the client throws it for an error in the middle of a stream of the other API. */
function streamError(code: string | null | undefined, message = ''): APIError {
  return new APIError(undefined, { code, message }, undefined, undefined);
}
