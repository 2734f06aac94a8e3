import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { HttpRequest, HttpResponse } from './message.ts';

/** What answers a request; it never throws. */
export type Handler = (request: HttpRequest, requestId: string) => Promise<HttpResponse>;

/** A server that listens on loopback. */
export interface RunningServer {
  readonly port: number;
  /** Ends every connection, also those that still stream. */
  close(): Promise<void>;
}

/**
 * Starts the one HTTP server of local-aws, on 127.0.0.1 only.
 *
 * @param port 0 for any free port
 * @throws Error that names the port, when it cannot be used
 */
export async function listen(port: number, handler: Handler): Promise<RunningServer> {
  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing, handler);
  });
  // An SDK keeps its connections open between calls; the default of 5 s resets some of them in the middle of a poll.
  server.keepAliveTimeout = 65_000;
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      code === 'EADDRINUSE'
        ? `Port ${port} of 127.0.0.1 is taken by another program: end it or choose another port with --port.`
        : `Port ${port} of 127.0.0.1 cannot be used (${code}): choose another port with --port.`,
    );
  }
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, handler: Handler): Promise<void> {
  const requestId = randomUUID();
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  try {
    const response = await handler(await read(incoming, gone.signal), requestId);
    outgoing.writeHead(response.status, response.headers);
    if (response.body === undefined || typeof response.body === 'string' || Buffer.isBuffer(response.body)) {
      outgoing.end(response.body);
    } else {
      outgoing.flushHeaders();
      await pipeline(response.body, outgoing);
    }
  } catch {
    // The client went away in the middle: nobody is left to tell.
    outgoing.destroy();
  }
}

// AgentCore takes payloads of 100 MB, Lambda zips of 250 MB.
const largestBody = 256 * 1024 * 1024;

async function read(incoming: IncomingMessage, signal: AbortSignal): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length;
    if (size > largestBody) throw new Error('the body is too large');
    chunks.push(chunk as Buffer);
  }
  // Not by URL: it normalises "//" and "..", which are legal in an S3 key. The path is kept as it was sent.
  const [path = '/', ...query] = (incoming.url ?? '/').split('?');
  return {
    method: incoming.method ?? 'GET',
    path,
    query: new URLSearchParams(query.join('?')),
    headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
    body: decodeChunked(Buffer.concat(chunks), incoming.headers['content-encoding']),
    signal,
  };
}

/** SDKs may send an S3 body in the `aws-chunked` encoding, with checksums behind it. */
function decodeChunked(body: Buffer, encoding: string | undefined): Buffer {
  if (!encoding?.includes('aws-chunked')) return body;
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.subarray(at, lineEnd).toString('latin1'), 16);
    if (lineEnd < 0 || !(size > 0)) return Buffer.concat(parts);
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
