import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { chunk, toolCall } from '../../test/agent/support/scripted-model.ts';

// A model provider and AgentCore Identity, in a process of their own, so that they are not what keeps the caller busy.
// The prompt is the script: `chunks=20 every=2` streams 20 chunks, one every 2 ms; `tool` calls the calculator first;
// `hold` stops after the first chunk, until somebody posts /release.

let identityCalls = 0;
let released = Promise.withResolvers<void>();

interface Message {
  readonly role: string;
  readonly content: unknown;
}

async function answerAsModel(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { messages } = (await json(request)) as { messages: readonly Message[] };
  const last = messages.at(-1);
  const prompt = JSON.stringify(messages.findLast(({ role }) => role === 'user')?.content);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (prompt.includes('tool') && last?.role !== 'tool') {
    response.write(chunk({ tool_calls: [toolCall('calculator', '{"expression":"2*2"}')] }));
    return end(response, 'tool_calls');
  }
  const chunks = Number(/chunks=(\d+)/.exec(prompt)?.[1] ?? 1);
  const every = Number(/every=(\d+)/.exec(prompt)?.[1] ?? 0);
  const startedAt = performance.now();
  for (let i = 0; i < chunks; i++) {
    // By the clock and not one after the other: a late chunk makes no other late.
    const wait = startedAt + i * every - performance.now();
    if (wait > 0) await sleep(wait);
    response.write(chunk({ content: `piece ${i} ` }));
    if (i === 0 && prompt.includes('hold')) await released.promise;
  }
  end(response, 'stop');
}

function end(response: ServerResponse, reason: string): void {
  response.end(`${chunk({}, reason)}data: [DONE]\n\n`);
}

const server = createServer((request, response) => {
  const reply = (body: object) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  switch (request.url) {
    case '/v1/chat/completions':
      // A caller that goes away ends nothing but its answer.
      answerAsModel(request, response).catch(() => response.destroy());
      break;
    case '/identity-calls':
      reply({ identityCalls });
      break;
    case '/release':
      released.resolve();
      released = Promise.withResolvers<void>();
      reply({});
      break;
    default:
      identityCalls++;
      reply({ apiKey: 'sk-any-key', workloadAccessToken: 'token' });
  }
}).listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ message: 'listening', port: (server.address() as AddressInfo).port }));
});
server.keepAliveTimeout = 120_000;
