/** What a model says to one request. */
export interface Said {
  readonly text?: string;
  readonly refusal?: string;
  readonly toolCalls?: readonly { readonly id: string; readonly name: string; readonly args: string }[];
  readonly usage: { readonly input: number; readonly output: number };
}

const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;

/**
 * An answer as Chat Completions streams it; Azure OpenAI sends the results of its filters along.
 *
 * @see https://platform.openai.com/docs/api-reference/chat-streaming
 * @see https://learn.microsoft.com/en-us/azure/ai-services/openai/concepts/content-streaming
 */
export function chatStream({ text, refusal, toolCalls = [], usage }: Said, azure: boolean): string {
  const head = {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_764_000_000,
    model: 'gpt-4.1-mini-2025-04-14',
    service_tier: 'default',
    system_fingerprint: 'fp_1',
  };
  const filters = { hate: { filtered: false, severity: 'safe' } };
  const chunk = (delta: object, finish_reason: string | null = null) =>
    event({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason, ...(azure && { content_filter_results: filters }) }],
      usage: null,
    });
  return [
    azure
      ? event({
          id: '',
          object: '',
          created: 0,
          model: '',
          choices: [],
          prompt_filter_results: [{ prompt_index: 0, content_filter_results: filters }],
        })
      : '',
    chunk({ role: 'assistant', content: text === undefined && toolCalls.length > 0 ? null : '', refusal: null }),
    ...(text ?? '').split(/(?= )/).map((content) => (content ? chunk({ content }) : '')),
    refusal ? chunk({ refusal }) : '',
    ...toolCalls.flatMap(({ id, name, args }, index) => [
      chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
      ...args.split(/(?=:)/).map((part) => chunk({ tool_calls: [{ index, function: { arguments: part } }] })),
    ]),
    // Of Azure's filter that works asynchronously: a choice without a delta.
    azure ? event({ ...head, choices: [{ index: 0, finish_reason: null, content_filter_results: filters }] }) : '',
    chunk({}, toolCalls.length > 0 ? 'tool_calls' : 'stop'),
    event({
      ...head,
      choices: [],
      usage: {
        prompt_tokens: usage.input,
        completion_tokens: usage.output,
        total_tokens: usage.input + usage.output,
        prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      },
    }),
    'data: [DONE]\n\n',
  ].join('');
}

/**
 * The same as Responses streams it.
 *
 * @param ending of the response: `completed`, `incomplete` with a reason, or none for a stream that breaks off
 * @see https://platform.openai.com/docs/api-reference/responses-streaming
 */
export function responsesStream(
  { text, refusal, toolCalls = [], usage }: Said,
  ending: 'completed' | { readonly incomplete: string } | { readonly failed: string } | 'none' = 'completed',
): string {
  let sequence_number = 0;
  const send = (type: string, data: object) =>
    `event: ${type}\n${event({ type, sequence_number: sequence_number++, ...data })}`;
  const response = { id: 'resp_1', object: 'response', created_at: 1_764_000_000, model: 'gpt-4.1-mini', store: false };
  const item_id = 'msg_1';
  const message = { id: item_id, type: 'message', role: 'assistant', content: [] };
  const at = { item_id, output_index: 0, content_index: 0 };
  const written = text ?? '';
  const last = () => {
    const counted = {
      input_tokens: usage.input,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: usage.output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: usage.input + usage.output,
    };
    if (ending === 'none') return '';
    if (ending === 'completed') {
      return send('response.completed', { response: { ...response, status: 'completed', usage: counted } });
    }
    if ('incomplete' in ending) {
      const incomplete_details = { reason: ending.incomplete };
      return send('response.incomplete', {
        response: { ...response, status: 'incomplete', incomplete_details, usage: counted },
      });
    }
    const error = { code: ending.failed, message: 'Words of the provider: sk-proj-abcd****wxyz.' };
    return send('response.failed', { response: { ...response, status: 'failed', error } });
  };
  return [
    send('response.created', { response: { ...response, status: 'in_progress' } }),
    send('response.in_progress', { response: { ...response, status: 'in_progress' } }),
    ...(text === undefined && refusal === undefined
      ? []
      : [
          send('response.output_item.added', { output_index: 0, item: { ...message, status: 'in_progress' } }),
          ...written.split(/(?= )/).map((delta) => (delta ? send('response.output_text.delta', { ...at, delta }) : '')),
          refusal ? send('response.refusal.delta', { ...at, delta: refusal }) : '',
          send('response.output_text.done', { ...at, text: written }),
          send('response.output_item.done', { output_index: 0, item: { ...message, status: 'completed' } }),
        ]),
    ...toolCalls.flatMap(({ id, name, args }, index) => {
      const item = { id: `fc_${index}`, type: 'function_call', call_id: id, name, arguments: '' };
      const output_index = index + 1;
      return [
        send('response.output_item.added', { output_index, item: { ...item, status: 'in_progress' } }),
        ...args
          .split(/(?=:)/)
          .map((delta) => send('response.function_call_arguments.delta', { item_id: item.id, output_index, delta })),
        send('response.function_call_arguments.done', { item_id: item.id, output_index, arguments: args }),
        send('response.output_item.done', { output_index, item: { ...item, arguments: args, status: 'completed' } }),
      ];
    }),
    last(),
  ].join('');
}
