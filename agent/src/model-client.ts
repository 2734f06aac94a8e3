import type OpenAI from 'openai';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { InvocationError } from './invocation-error.ts';

/**
 * A client that Strands 1.19 can read all answers of. It passes over refusals, so that a prompt which the model declines
 * would get an empty answer; and with the Responses API it takes an answer that was filtered, or that ends before its
 * end, for a whole one.
 *
 * @returns the same client
 */
export function listenTo(client: OpenAI): OpenAI {
  const { completions } = client.chat;
  const { responses } = client;
  intercept(completions, withRefusals);
  intercept(responses, wholeAnswers);
  return client;
}

/** The one method that Strands calls, as it calls it: with `stream: true`. */
interface Streams<T> {
  create(body: never, options: never): PromiseLike<AsyncIterable<T>>;
}

function intercept<T>(resource: object, listen: (stream: AsyncIterable<T>) => AsyncIterable<T>): void {
  // Its overloads for other ways of asking cannot be told apart by type here.
  const streams = resource as Streams<T>;
  const create = streams.create.bind(streams);
  streams.create = async (body, options) => listen(await create(body, options));
}

async function* withRefusals(chunks: AsyncIterable<ChatCompletionChunk>): AsyncGenerator<ChatCompletionChunk> {
  for await (const chunk of chunks) {
    // A provider sends what it likes.
    const delta = chunk.choices?.[0]?.delta as ChatCompletionChunk.Choice.Delta | undefined;
    if (delta?.refusal && !delta.content) delta.content = delta.refusal;
    yield chunk;
  }
}

async function* wholeAnswers(events: AsyncIterable<ResponseStreamEvent>): AsyncGenerator<ResponseStreamEvent> {
  let whole = false;
  for await (const event of events) {
    switch (event.type) {
      case 'response.refusal.delta':
        yield { ...event, type: 'response.output_text.delta', logprobs: [] };
        continue;
      case 'response.completed':
        whole = true;
        break;
      case 'response.incomplete':
        whole = true;
        if (event.response.incomplete_details?.reason === 'content_filter') {
          throw new InvocationError(
            'ModelRejectedRequest',
            'The model provider rejected the request or its answer (content_filter).',
          );
        }
    }
    yield event;
  }
  if (!whole) throw new Error('Stream ended before the response was completed.');
}
