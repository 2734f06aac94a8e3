import type { Exchange } from '../observation.ts';
import type { HttpResponse } from './message.ts';
import type { Handler } from './server.ts';

/** A handler that answers as the given one does, and tells of each exchange once the answer is whole or was broken off. */
export function observed(handler: Handler, observe: (exchange: Exchange) => void): Handler {
  return async (request, requestId) => {
    const response = await handler(request, requestId);
    const { status, headers = {}, body } = response;
    const tell = (bytes: Buffer) =>
      observe({ kind: 'exchange', requestId, request, response: { status, headers, body: bytes } });
    if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) {
      tell(Buffer.from(body ?? ''));
      return response;
    }
    return { ...response, body: told(body, tell) } satisfies HttpResponse;
  };
}

async function* told(body: AsyncIterable<Uint8Array>, tell: (bytes: Buffer) => void): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      yield chunk;
    }
  } finally {
    tell(Buffer.concat(chunks));
  }
}
