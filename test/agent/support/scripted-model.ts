import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { startHttpServer } from './http-server.ts';

export type Script = (request: IncomingMessage, response: ServerResponse) => void;

/** A model provider that does what a test says, for all that a provider must not do. */
export async function startScriptedModel() {
  const model = {
    url: '',
    script: (() => {}) as Script,
    /** How often it was asked. */
    calls: 0,
    /** The conversation that it was sent last. */
    messages: [] as { readonly role: string; readonly content: unknown }[],
    /** What the tools have returned to it in that conversation. */
    toolResults: () => model.messages.filter(({ role }) => role === 'tool').map(({ content }) => textOf(content)),
    close: async () => {},
  };
  const server = await startHttpServer((request, response) => {
    void json(request).then(
      (body) => {
        model.messages = (body as Pick<typeof model, 'messages'>).messages;
      },
      // A request that is broken off.
      () => {},
    );
    model.calls++;
    model.script(request, response);
  });
  return Object.assign(model, server, { url: `${server.url}/v1` });
}

/** Answers with an error as OpenAI does. */
export function refuseWith(
  status: number,
  code: string | null,
  headers: Readonly<Record<string, string>> = {},
): Script {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ error: { message: 'Words of the provider: sk-proj-abcd****wxyz.', code } }));
  };
}

export interface Delta {
  readonly content?: string;
  readonly tool_calls?: readonly unknown[];
}

/** One chunk of a streamed chat completion. */
export function chunk(delta: Delta, finish_reason: string | null = null): string {
  const choices = [{ index: 0, delta: { role: 'assistant', ...delta }, finish_reason }];
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\n`;
}

/** A call of a tool, as a chunk carries it. */
export function toolCall(name: string, args: string, index = 0) {
  return { index, id: `call_${index}`, type: 'function', function: { name, arguments: args } };
}

/** Streams these chunks and ends, as a provider in good health does. */
export function stream(...chunks: readonly string[]): Script {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`${chunks.join('')}data: [DONE]\n\n`);
  };
}

function textOf(content: unknown): string {
  return typeof content === 'string' ? content : JSON.stringify(content);
}
