import * as z from 'zod';

const parameters = z.strictObject({
  type: z.literal('object'),
  properties: z.record(z.string(), z.unknown()),
  required: z.array(z.string()).optional(),
  additionalProperties: z.literal(false).optional(),
  $schema: z.string().optional(),
});
const functionName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);

/**
 * What the agent may send to Chat Completions: a part of what the API takes, and nothing else.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 * @see https://learn.microsoft.com/en-us/azure/ai-services/openai/reference#chat-completions
 */
export const chatRequest = z.strictObject({
  model: z.string().min(1),
  messages: z
    .array(
      z.discriminatedUnion('role', [
        z.strictObject({ role: z.literal('system'), content: z.string().min(1) }),
        z.strictObject({
          role: z.literal('user'),
          content: z.array(z.strictObject({ type: z.literal('text'), text: z.string().min(1) })).min(1),
        }),
        z.strictObject({
          role: z.literal('assistant'),
          content: z.string(),
          tool_calls: z
            .array(
              z.strictObject({
                id: z.string().min(1),
                type: z.literal('function'),
                function: z.strictObject({ name: functionName, arguments: z.string() }),
              }),
            )
            .min(1)
            .optional(),
        }),
        z.strictObject({ role: z.literal('tool'), tool_call_id: z.string().min(1), content: z.string().min(1) }),
      ]),
    )
    .min(1),
  tools: z.array(
    z.strictObject({
      type: z.literal('function'),
      function: z.strictObject({ name: functionName, description: z.string().max(1024), parameters }),
    }),
  ),
  stream: z.literal(true),
  stream_options: z.strictObject({ include_usage: z.literal(true) }),
});

/**
 * The same for Responses, which sends its usage without being asked and has no such stream option.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 * @see https://learn.microsoft.com/en-us/azure/ai-services/openai/how-to/responses
 */
export const responsesRequest = z.strictObject({
  model: z.string().min(1),
  instructions: z.string().min(1),
  input: z
    .array(
      z.union([
        z.strictObject({
          role: z.literal('user'),
          content: z.array(z.strictObject({ type: z.literal('input_text'), text: z.string().min(1) })).min(1),
        }),
        z.strictObject({ role: z.literal('assistant'), content: z.string().min(1) }),
        z.strictObject({
          type: z.literal('function_call'),
          call_id: z.string().min(1),
          name: functionName,
          arguments: z.string(),
        }),
        z.strictObject({ type: z.literal('function_call_output'), call_id: z.string().min(1), output: z.string() }),
      ]),
    )
    .min(1),
  tools: z.array(
    z.strictObject({
      type: z.literal('function'),
      name: functionName,
      description: z.string(),
      parameters,
      strict: z.boolean().nullable(),
    }),
  ),
  stream: z.literal(true),
  // Nothing of a conversation stays at the provider.
  store: z.literal(false),
});
