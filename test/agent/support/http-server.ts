import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SelfSigned } from './certificate.ts';

export interface HttpServer {
  readonly url: string;
  /** Presents another certificate from now on. */
  present(certificate: SelfSigned): void;
  close(): Promise<void>;
}

export interface HttpServerOptions {
  /** One that is free, unless it is given. */
  readonly port?: number;
  /** Makes it an https server. */
  readonly tls?: SelfSigned;
}

/** A server on the loopback address that does what a test wants. */
export async function startHttpServer(
  listener: RequestListener,
  { port = 0, tls }: HttpServerOptions = {},
): Promise<HttpServer> {
  const tlsServer = tls && createTlsServer({ ...tls }, listener);
  const server = (tlsServer ?? createServer(listener)).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    present: (certificate) => tlsServer?.setSecureContext({ ...certificate }),
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
