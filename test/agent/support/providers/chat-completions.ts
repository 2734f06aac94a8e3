import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import * as z from 'zod';
import type { Reply } from './reply.ts';

const functionCall = z.strictObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string().regex(/^[\w-]{1,64}$/), arguments: z.string() }),
});

const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: z.string().min(1) }),
  z.strictObject({
    role: z.literal('user'),
    content: z.array(z.strictObject({ type: z.literal('text'), text: z.string().min(1) })).min(1),
  }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.string(),
    tool_calls: z.array(functionCall).min(1).optional(),
  }),
  z.strictObject({ role: z.literal('tool'), tool_call_id: z.string().min(1), content: z.string().min(1) }),
]);

/**
 * The body of a streamed request, as far as an agent may use it: a member that is not here is refused.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 * @see https://learn.microsoft.com/azure/ai-foundry/openai/reference (the same, from API version 2024-09-01-preview on)
 */
export const chatRequest = z
  .strictObject({
    model: z.string().min(1),
    messages: z.array(message).min(1),
    stream: z.literal(true),
    stream_options: z.strictObject({ include_usage: z.literal(true) }),
    tools: z.array(
      z.strictObject({
        type: z.literal('function'),
        function: z.strictObject({
          name: z.string().regex(/^[\w-]{1,64}$/),
          description: z.string().min(1),
          parameters: z.looseObject({ type: z.literal('object') }),
        }),
      }),
    ),
  })
  .refine(({ messages }) => everyCallIsAnsweredAtOnce(messages), 'every tool call must be followed by its result');

/** What is allowed here is allowed by the types of OpenAI's own SDK. */
type Allowed = z.output<typeof chatRequest> extends ChatCompletionCreateParamsStreaming ? true : never;
export const isAllowedByOpenAI: Allowed = true;

function everyCallIsAnsweredAtOnce(messages: readonly z.output<typeof message>[]): boolean {
  const waiting = new Set<string>();
  for (const each of messages) {
    if (each.role === 'tool') {
      if (!waiting.delete(each.tool_call_id)) return false;
      continue;
    }
    if (waiting.size > 0) return false;
    if (each.role === 'assistant') for (const { id } of each.tool_calls ?? []) waiting.add(id);
  }
  return waiting.size === 0;
}

/**
 * A reply as OpenAI streams it: every chunk but the last says `usage: null`, the last has no choices.
 *
 * @see https://platform.openai.com/docs/api-reference/chat-streaming
 */
export function chatStream(reply: Reply): string {
  return `${openaiChunks(reply).map(data).join('')}data: [DONE]\n\n`;
}

/**
 * The same as Azure OpenAI streams it: before it comes what the content filter made of the prompt, in a chunk that has
 * neither choices nor an id; and it tells the same of each piece of the answer.
 *
 * @see https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-streaming
 */
export function azureChatStream(reply: Reply): string {
  const safe = { filtered: false, severity: 'safe' };
  const content_filter_results = { hate: safe, self_harm: safe, sexual: safe, violence: safe };
  const first = {
    choices: [],
    created: 0,
    id: '',
    model: '',
    object: '',
    prompt_filter_results: [
      {
        prompt_index: 0,
        content_filter_results: { ...content_filter_results, jailbreak: { filtered: false, detected: false } },
      },
    ],
  };
  const rest = openaiChunks(reply).map((chunk) => ({
    ...chunk,
    choices: chunk.choices.map((choice) => ({
      ...choice,
      content_filter_results: choice.delta.content ? content_filter_results : {},
    })),
  }));
  return `${[first, ...rest].map(data).join('')}data: [DONE]\n\n`;
}

function openaiChunks({ text, toolCalls = [], refusal, usage }: Reply): ChatCompletionChunk[] {
  const common = {
    id: 'chatcmpl-123',
    object: 'chat.completion.chunk' as const,
    created: 1_694_268_190,
    model: 'gpt-4.1-mini-2025-04-14',
    service_tier: 'default' as const,
    system_fingerprint: 'fp_44709d6fcb',
  };
  const chunk = (
    delta: ChatCompletionChunk.Choice.Delta,
    finish_reason: ChatCompletionChunk.Choice['finish_reason'] = null,
  ): ChatCompletionChunk => ({
    ...common,
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    usage: null,
  });
  return [
    chunk({ role: 'assistant', content: toolCalls.length > 0 && !text ? null : '', refusal: null }),
    ...pieces(text).map((content) => chunk({ content })),
    ...pieces(refusal).map((piece) => chunk({ refusal: piece })),
    ...toolCalls.flatMap(({ id, name, args }, index) => [
      chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
      ...pieces(args).map((piece) => chunk({ tool_calls: [{ index, function: { arguments: piece } }] })),
    ]),
    chunk({}, toolCalls.length > 0 ? 'tool_calls' : 'stop'),
    {
      ...common,
      choices: [],
      usage: {
        prompt_tokens: usage.input,
        completion_tokens: usage.output,
        total_tokens: usage.input + usage.output,
        prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
        completion_tokens_details: {
          reasoning_tokens: 0,
          audio_tokens: 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
      },
    },
  ];
}

/** Three characters each, about as a model streams its tokens. */
export function pieces(text = ''): string[] {
  return text.match(/.{1,3}/gs) ?? [];
}

function data(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
