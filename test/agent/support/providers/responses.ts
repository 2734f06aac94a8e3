import type {
  ResponseCreateParamsStreaming,
  ResponseOutputItem,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses';
import * as z from 'zod';
import { pieces } from './chat-completions.ts';
import type { Reply } from './reply.ts';

const inputItem = z.union([
  z.strictObject({
    role: z.literal('user'),
    content: z.array(z.strictObject({ type: z.literal('input_text'), text: z.string().min(1) })).min(1),
  }),
  z.strictObject({ role: z.literal('assistant'), content: z.string().min(1) }),
  z.strictObject({
    type: z.literal('function_call'),
    call_id: z.string().min(1).max(64),
    name: z.string().regex(/^[\w-]{1,128}$/),
    arguments: z.string(),
  }),
  z.strictObject({
    type: z.literal('function_call_output'),
    call_id: z.string().min(1).max(64),
    output: z.string(),
  }),
]);

/**
 * The body of a streamed request that the provider keeps nothing of, as far as an agent may use it: a member that is not
 * here is refused, `stream_options.include_usage` of the other API among them.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 * @see https://learn.microsoft.com/azure/ai-foundry/openai/latest (the same)
 */
export const responsesRequest = z
  .strictObject({
    model: z.string().min(1),
    instructions: z.string().min(1),
    input: z.array(inputItem).min(1),
    stream: z.literal(true),
    store: z.literal(false),
    tools: z.array(
      z.strictObject({
        type: z.literal('function'),
        name: z.string().regex(/^[\w-]{1,128}$/),
        description: z.string().min(1),
        parameters: z.looseObject({ type: z.literal('object') }),
        strict: z.null(),
      }),
    ),
  })
  .refine(
    ({ input }) => callsAndOutputsMatch(input),
    'every function_call must have its function_call_output behind it',
  );

/** What is allowed here is allowed by the types of OpenAI's own SDK. */
type Allowed = z.output<typeof responsesRequest> extends ResponseCreateParamsStreaming ? true : never;
export const isAllowedByOpenAI: Allowed = true;

function callsAndOutputsMatch(input: readonly z.output<typeof inputItem>[]): boolean {
  const waiting = new Set<string>();
  for (const item of input) {
    if (!('type' in item)) continue;
    if (item.type === 'function_call') waiting.add(item.call_id);
    else if (!waiting.delete(item.call_id)) return false;
  }
  return waiting.size === 0;
}

/** An event without its number, which it gets when it is sent. */
type Unnumbered<Event> = Event extends unknown ? Omit<Event, 'sequence_number'> : never;
export type ResponsesEvent = Unnumbered<ResponseStreamEvent>;

/**
 * A reply as OpenAI and Azure OpenAI stream it.
 *
 * @see https://platform.openai.com/docs/api-reference/responses-streaming
 */
export function responsesStream(reply: Reply): string {
  const { items, events } = outputOf(reply);
  return eventStream([
    ...begin(),
    ...events,
    { type: 'response.completed', response: response('completed', items, reply.usage) },
  ]);
}

/** How every stream begins. */
export function begin(): ResponsesEvent[] {
  return [
    { type: 'response.created', response: response('in_progress') },
    { type: 'response.in_progress', response: response('in_progress') },
  ];
}

export function eventStream(events: readonly ResponsesEvent[]): string {
  // The SDK gives its objects this member; on the wire there is none.
  const onTheWire = (name: string, value: unknown) => (name === 'output_text' ? undefined : value);
  return events
    .map((event, sequence_number) => {
      const data = JSON.stringify({ ...event, sequence_number }, onTheWire);
      return `event: ${event.type}\ndata: ${data}\n\n`;
    })
    .join('');
}

/** The events of a text, and of calls of functions, that are whole. */
export function outputOf({ text, refusal, toolCalls = [] }: Omit<Reply, 'usage'>) {
  const events: ResponsesEvent[] = [];
  const items: ResponseOutputItem[] = [];
  const said = text ?? refusal;
  if (said !== undefined) {
    const part =
      text === undefined
        ? { type: 'refusal' as const, refusal: said }
        : { type: 'output_text' as const, text: said, annotations: [], logprobs: [] };
    const begun = text === undefined ? { ...part, refusal: '' } : { ...part, text: '' };
    const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    const item = { id: 'msg_1', type: 'message' as const, role: 'assistant' as const };
    const done = { ...item, status: 'completed' as const, content: [part] };
    events.push(
      { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
      { type: 'response.content_part.added', ...at, part: begun as typeof part },
      ...pieces(said).map(
        (delta): ResponsesEvent =>
          text === undefined
            ? { type: 'response.refusal.delta', ...at, delta }
            : { type: 'response.output_text.delta', ...at, delta, logprobs: [] },
      ),
      text === undefined
        ? { type: 'response.refusal.done', ...at, refusal: said }
        : { type: 'response.output_text.done', ...at, text: said, logprobs: [] },
      { type: 'response.content_part.done', ...at, part },
      { type: 'response.output_item.done', output_index: 0, item: done },
    );
    items.push(done);
  }
  for (const { id, name, args } of toolCalls) {
    const output_index = items.length;
    const item = { id: `fc_${id}`, type: 'function_call' as const, call_id: id, name };
    const done = { ...item, status: 'completed' as const, arguments: args };
    const at = { item_id: item.id, output_index };
    events.push(
      { type: 'response.output_item.added', output_index, item: { ...item, status: 'in_progress', arguments: '' } },
      ...pieces(args).map(
        (delta): ResponsesEvent => ({ type: 'response.function_call_arguments.delta', ...at, delta }),
      ),
      { type: 'response.function_call_arguments.done', ...at, name, arguments: args },
      { type: 'response.output_item.done', output_index, item: done },
    );
    items.push(done);
  }
  return { items, events };
}

type Response = Extract<ResponseStreamEvent, { type: 'response.completed' }>['response'];

/** The object that the first and the last events carry. */
export function response(
  status: NonNullable<Response['status']>,
  output: ResponseOutputItem[] = [],
  usage?: Reply['usage'],
  more: Partial<Response> = {},
): Response {
  return {
    id: 'resp_123',
    object: 'response',
    created_at: 1_741_476_542,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model: 'gpt-4.1-mini-2025-04-14',
    output,
    output_text: '',
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    ...(usage && {
      usage: {
        input_tokens: usage.input,
        input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
        output_tokens: usage.output,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: usage.input + usage.output,
      },
    }),
    ...more,
  };
}
