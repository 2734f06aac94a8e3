import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What the front does with a request; all but the first quote the key that came with it. */
export type Manner =
  | 'pass on'
  /** As OpenAI, but with the whole key. */
  | 'refuse the key'
  /** Answers 200 and begins, and then tells of an error in the middle of the stream. */
  | 'break off'
  /** As a proxy whose error page shows the request. */
  | 'show the request';

/** A request to the model, as it came. */
export interface ModelRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** What stands in front of the model: it keeps every request, and fails as it is told. */
export interface ModelFront {
  /** Ends in `/v1`. */
  readonly url: string;
  readonly requests: readonly ModelRequest[];
  manner: Manner;
  close(): Promise<void>;
}

/** @param model base URL of the model, which ends in `/v1` */
export async function startModelFront(model: string): Promise<ModelFront> {
  const requests: ModelRequest[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    const seen = { method, url, headers, body: await buffer(request) };
    requests.push(seen);
    const key = headers.authorization?.replace(/^Bearer /, '') ?? '';
    await answers[front.manner](response, { request: seen, key, model });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const front: ModelFront = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    manner: 'pass on',
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return front;
}

interface Asked {
  readonly request: ModelRequest;
  readonly key: string;
  readonly model: string;
}

const answers: Record<Manner, (response: ServerResponse, asked: Asked) => Promise<void> | void> = {
  async 'pass on'(response, { request, model }) {
    const { method, url, headers, body } = request;
    const { host: _host, 'content-length': _length, connection: _connection, ...rest } = headers;
    const answer = await fetch(`${model}${url.replace(/^\/v1/, '')}`, {
      method,
      headers: rest as Record<string, string>,
      body: new Uint8Array(body),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
    for await (const chunk of answer.body ?? []) response.write(chunk);
    response.end();
  },
  'refuse the key'(response, { key }) {
    const message = `Incorrect API key provided: ${key}. You can find your API key at https://platform.openai.com.`;
    const error = { message, type: `invalid ${key}`, param: key, code: 'invalid_api_key' };
    response.writeHead(401, `Unauthorized ${key}`, {
      'content-type': 'application/json',
      'x-request-id': key,
      'www-authenticate': `Bearer realm="${key}"`,
    });
    response.end(JSON.stringify({ error }));
  },
  'break off'(response, { key }) {
    const begun = { choices: [{ index: 0, delta: { role: 'assistant', content: 'It is' } }] };
    const error = { message: `The key ${key} was revoked.`, type: 'server_error', param: key, code: key };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const data of [begun, { error }]) response.write(`data: ${JSON.stringify(data)}\n\n`);
    response.end();
  },
  'show the request'(response, { request }) {
    response.writeHead(400, { 'content-type': 'text/html' });
    response.end(`<h1>Bad Request</h1><pre>${JSON.stringify(request.headers)}</pre>`);
  },
};
