import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { startHttpServer } from '../http-server.ts';
import type { Reply } from './reply.ts';
import type { Route } from './routes.ts';

/** What a request has because it is one, from Node.js's fetch. */
const headersOfHttp = [
  'accept-encoding',
  'accept-language',
  'connection',
  'content-length',
  'host',
  'sec-fetch-mode',
  'user-agent',
];

export type Answer = Reply | ((response: ServerResponse) => void);

/**
 * A model provider that holds each request against the reference of its route, and refuses what the true one may refuse
 * or not understand. What it found is in `faults`.
 */
export async function startProvider(route: Route) {
  const provider = {
    url: '',
    /** The key that it takes. */
    key: 'the-key-of-the-test-0123456789',
    /** What it says to the next requests, in their order. */
    answers: [] as Answer[],
    /** What was wrong with requests, each in a few words. */
    faults: [] as string[],
    /** The bodies of the requests with the right key. */
    bodies: [] as Readonly<Record<string, unknown>>[],
    /** The keys that it was asked with. */
    keys: [] as string[],
    close: async () => {},
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const key = (request.headers['api-key'] ?? request.headers.authorization?.replace(/^Bearer /, '')) as string;
    provider.keys.push(key);
    const faults = faultsOf(route, request, body, key);
    provider.faults.push(...faults);
    if (faults.length > 0) return sendJson(response, 400, { error: { message: faults.join('; '), code: null } });
    if (key !== provider.key) return sendJson(response, 401, refusal(route, key));
    provider.bodies.push(JSON.parse(body));
    const answer = provider.answers.shift();
    if (answer === undefined) throw new Error('Nothing is left to say.');
    if (typeof answer === 'function') return answer(response);
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.end(route.stream(answer));
  }

  const server = await startHttpServer((request, response) => void serve(request, response));
  return Object.assign(provider, server);
}

function faultsOf(route: Route, request: IncomingMessage, body: string, key: string): string[] {
  const faults: string[] = [];
  if (request.method !== 'POST') faults.push(`method ${request.method}`);
  if (request.url !== route.target) faults.push(`target ${request.url}`);
  const wanted = { ...route.headers(key), accept: 'application/json', 'content-type': 'application/json' };
  faults.push(...headerFaults(request.headers, wanted));
  const carriers = Object.entries(request.headers).filter(([, value]) => String(value).includes(key));
  if (carriers.length !== 1 || request.url?.includes(key) || body.includes(key))
    faults.push('the key is elsewhere too');
  const parsed = route.body.safeParse(parseJson(body));
  if (!parsed.success) faults.push(...parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
  else if ((parsed.data as { model: string }).model !== route.model) faults.push('another model');
  return faults;
}

function headerFaults(headers: IncomingHttpHeaders, wanted: Readonly<Record<string, string>>): string[] {
  const missing = Object.keys(wanted).filter((name) => headers[name] !== wanted[name]);
  const unexpected = Object.keys(headers).filter((name) => !(name in wanted) && !headersOfHttp.includes(name));
  return [
    ...missing.map((name) => `header ${name}: ${headers[name]}`),
    ...unexpected.map((name) => `unexpected header ${name}`),
  ];
}

/** The refusals of the two: OpenAI quotes the key, Azure does not. */
function refusal({ headers }: Route, key: string): object {
  return 'api-key' in headers(key)
    ? {
        error: {
          code: '401',
          message:
            'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for ' +
            'an active subscription and use a correct regional API endpoint for your resource.',
        },
      }
    : {
        error: {
          message: `Incorrect API key provided: ${key.slice(0, 8)}***${key.slice(-4)}.`,
          type: 'invalid_request_error',
          param: null,
          code: 'invalid_api_key',
        },
      };
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
