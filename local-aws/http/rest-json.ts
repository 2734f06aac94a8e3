import { AwsError, notSupported } from '../errors.ts';
import type { Call, Service } from '../service.ts';
import { parseJson, renderJsonError } from './json.ts';
import type { HttpRequest, HttpResponse } from './message.ts';

const contentType = 'application/json';

/** The labels of the path (`{runtimeId}`), decoded. */
export type PathLabels = Readonly<Record<string, string>>;

/** One operation of a REST-JSON service. */
export interface Route {
  readonly name: string;
  readonly method: string;
  /** For example `/runtimes/{agentRuntimeId}/`; a slash at the end does not matter. */
  readonly path: string;
  /** The status of a success. */
  readonly status?: number;
  /** Set when the body is the caller's own bytes: `run` then gets the Buffer. */
  readonly rawPayload?: true;
  // biome-ignore lint/suspicious/noExplicitAny: each service types its own inputs, by the SDK's types
  readonly run: (input: any, call: Call, labels: PathLabels) => unknown;
}

/**
 * A service of the REST-JSON protocol: the operation is in method and path, times are ISO strings. An operation that
 * answers something else than JSON (a stream) returns an object with `httpResponse`.
 */
export function restJsonService(definition: { signingName: string; title: string; routes: readonly Route[] }): Service {
  const { signingName, title } = definition;
  const routes = definition.routes.map((route) => ({ ...route, pattern: compile(route.path) }));
  const find = ({ method, path }: HttpRequest) => {
    for (const route of routes) {
      const match = route.method === method ? route.pattern.exec(path) : null;
      if (match) return { route, labels: match.groups ?? {} };
    }
    return undefined;
  };
  return {
    signingName,
    title,
    operationOf: (request) => find(request)?.route.name,
    async handle(call) {
      const found = find(call.request);
      if (!found) throw notSupported(`${title}: ${call.request.method} ${call.request.path}`);
      const { body } = call.request;
      const output = await found.route.run(found.route.rawPayload ? body : parseJson(body), call, decode(found.labels));
      if (isHttpResponse(output)) return output.httpResponse;
      const status = found.route.status ?? 200;
      return {
        status,
        headers: { 'content-type': contentType, 'x-amzn-requestid': call.requestId },
        ...(status === 204 ? {} : { body: JSON.stringify(output ?? {}) }),
      };
    },
    renderError: (error, requestId) => renderJsonError(contentType, error, requestId),
  };
}

/** Marks an output that is a whole HTTP answer. */
export interface RawOutput {
  readonly httpResponse: HttpResponse;
}

function isHttpResponse(output: unknown): output is RawOutput {
  return typeof output === 'object' && output !== null && 'httpResponse' in output;
}

function compile(path: string): RegExp {
  const source = path
    .replace(/\/$/, '')
    .replace(/[.+*?^$()|[\]\\]/g, '\\$&')
    .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}/?$`);
}

function decode(groups: Record<string, string>): PathLabels {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    throw new AwsError('ValidationException', 'The path of the request is not percent-encoded as it should be.');
  }
}
