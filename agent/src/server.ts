import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { sendJson } from './answers.ts';
import type { App } from './app.ts';
import { Health } from './health.ts';
import { serveInvocation } from './invocation.ts';
import { InvocationError } from './invocation-error.ts';
import { type RequestLimits, requestLimits } from './limits.ts';
import type { LoadTelemetry } from './telemetry/telemetry.ts';

/** The HTTP server of the agent, not yet listening. */
export interface AgentServer {
  readonly http: Server;
  /**
   * Takes no new connections and lets what runs finish; what still runs after the grace gets the error ShuttingDown.
   *
   * @param graceMs how long what runs may still take, in milliseconds
   * @returns when the last connection is closed
   */
  stop(graceMs: number): Promise<void>;
}

/**
 * @param loadApp called with each invocation; pings are answered without it
 * @param limits put in by tests
 * @param loadTelemetry called with each invocation, which waits for it
 */
export function createAgentServer(
  loadApp: () => Promise<App>,
  limits: RequestLimits = requestLimits,
  loadTelemetry: LoadTelemetry = () => undefined,
): AgentServer {
  const health = new Health();
  const shutdown = new AbortController();

  async function invoke(request: IncomingMessage, response: ServerResponse): Promise<void> {
    health.begin();
    const loading = loadTelemetry();
    const telemetry = loading && (await loading);
    const serve = (traceId?: string) => serveInvocation(request, response, loadApp, shutdown.signal, limits, traceId);
    await (telemetry ? telemetry.traceInvocation(request, serve) : serve());
    health.end();
    // A client that keeps its connection open would keep a server that stops from ending.
    if (!http.listening) response.once('close', () => http.closeIdleConnections());
  }

  const routes: Readonly<Record<string, Readonly<Record<string, typeof invoke>>>> = {
    '/ping': { GET: async (_request, response) => sendJson(response, 200, health.ping()) },
    '/invocations': { POST: invoke },
  };

  const options = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    // The body has a time of its own, and an answer that says so; this one is for what no route reads.
    requestTimeout: limits.headersMs + 2 * limits.bodyMs,
    connectionsCheckingInterval: limits.headersMs / 2,
  };
  const http = createServer(options, (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const methods = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!methods) return sendJson(response, 404, { message: 'There is only GET /ping and POST /invocations.' });
    const serve = methods[request.method ?? ''];
    if (!serve) {
      const allow = Object.keys(methods).join(', ');
      return sendJson(response, 405, { message: `${path} takes only ${allow}.` }, { allow });
    }
    void serve(request, response);
  });

  // Longer than whoever stands in front keeps a connection: else it may send a request into one that just closes.
  http.keepAliveTimeout = 120_000;

  return {
    http,
    async stop(graceMs) {
      const closed = new Promise<void>((resolve) => void http.close(() => resolve()));
      const timer = setTimeout(() => {
        shutdown.abort(new InvocationError('ShuttingDown', 'The agent was stopped before it had the whole answer.'));
        // Whoever does not read even that is not waited for.
        setTimeout(() => http.closeAllConnections(), 1000).unref();
      }, graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}
