import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type ChatMessage, LLMock } from '@copilotkit/aimock';
import { answer } from './answer.ts';

export interface OfflineModelOptions {
  /** 0, the default, lets the operating system choose. */
  readonly port?: number;
  /** The default accepts the keys that this module makes. */
  readonly acceptsKey?: (key: string) => boolean;
}

/** A request that the model saw; it never holds a key. */
export interface OfflineModelRequest {
  readonly accepted: boolean;
  /** Empty where the key was refused. */
  readonly messages: readonly ChatMessage[];
}

export interface OfflineModel {
  /** The base URL to give to an OpenAI client; it ends in `/v1`. */
  readonly url: string;
  /** A random key that the model accepts. */
  readonly key: string;
  /** What was asked so far, oldest first. */
  readonly requests: readonly OfflineModelRequest[];
  /** Stops at once, also in the middle of an answer, and leaves nothing open. */
  close(): Promise<void>;
}

/** What it lists; it answers to any other name as well. */
const offlineModelId = 'offline-model';

/** What a key of the offline model starts with. */
export const offlineKeyPrefix = 'sk-offline-';

/**
 * Starts a stand-in for the API of OpenAI on the loopback address, for people without a key and for tests.
 *
 * It understands questions about arithmetic and the weather, for which it calls the tools `calculator` and `weather`.
 *
 * @throws if the port is taken
 */
export async function startOfflineModel(options: OfflineModelOptions = {}): Promise<OfflineModel> {
  const { port = 0, acceptsKey = (key) => key.startsWith(offlineKeyPrefix) } = options;
  const requests: OfflineModelRequest[] = [];
  const sockets = new Set<Socket>();
  const mock = new LLMock({ host: '127.0.0.1', port, chunkSize: 3, logLevel: 'silent', journalMaxEntries: 1 });

  // aimock knows a fixed list of keys only; in front of its own routes there is room for a rule.
  mock.mount('/v1', {
    async handleRequest(request, response) {
      remember(sockets, request.socket);
      const key = request.headers.authorization?.replace(/^Bearer\s+/i, '') ?? '';
      if (acceptsKey(key)) return tellModels(request, response);
      requests.push({ accepted: false, messages: [] });
      refuse(request, response, key);
      return true;
    },
  });
  mock.on({ predicate: () => true }, (request) => {
    requests.push({ accepted: true, messages: request.messages });
    return answer(request);
  });

  const origin = await mock.start();
  return {
    url: `${origin}/v1`,
    key: `${offlineKeyPrefix}${randomBytes(18).toString('base64url')}`,
    requests,
    async close() {
      const stopped = mock.stop();
      for (const socket of sockets) socket.destroy();
      await stopped;
    },
  };
}

/**
 * The list of models, and one of them: whatever it is called, it is this one.
 *
 * @see https://platform.openai.com/docs/api-reference/models
 */
function tellModels({ method, url = '' }: IncomingMessage, response: ServerResponse): boolean {
  const path = /^(?:\/v1)?\/models(?:\/([^/?]+))?(?:\?.*)?$/.exec(url);
  if (method !== 'GET' || !path) return false;
  const [, asked] = path;
  const model = (id: string) => ({ id, object: 'model', created: 1_744_318_548, owned_by: 'offline-model' });
  const answer =
    asked === undefined ? { object: 'list', data: [model(offlineModelId)] } : model(decodeURIComponent(asked));
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
  return true;
}

function remember(sockets: Set<Socket>, socket: Socket): void {
  if (sockets.has(socket)) return;
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
}

/** In the words of OpenAI, the echo of the key included: what must not reach a log or a caller can be tested with it. */
function refuse(request: IncomingMessage, response: ServerResponse, key: string): void {
  request.resume();
  const message = key
    ? `Incorrect API key provided: ${mask(key)}. You can find your API key at https://platform.openai.com/account/api-keys.`
    : "You didn't provide an API key.";
  response.writeHead(401, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: 'invalid_api_key' } }),
  );
}

function mask(key: string): string {
  return key.length > 12 ? `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}` : '*'.repeat(key.length);
}
