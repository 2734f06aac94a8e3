import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { ModelSettings } from '../../agent/src/model-settings.ts';
import { verifyKey } from '../../cli/verify-key/verify-key.ts';
import { startOfflineModel } from '../../offline-model/index.ts';
import { type HttpServer, startHttpServer } from '../agent/support/http-server.ts';
import { sendJson } from '../agent/support/providers/stand-in.ts';
import { keyRows } from './rows-of-keys.ts';

const key = 'sk-proj-AbC123dEf456GhI789';
let server: HttpServer;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let requests: { line: string; headers: IncomingMessage['headers']; body: string }[];

beforeAll(async () => {
  server = await startHttpServer(async (request, response) => {
    const line = `${request.method} ${request.url}`;
    requests.push({ line, headers: request.headers, body: await text(request) });
    answer(request, response);
  });
});
beforeEach(() => {
  requests = [];
});
afterAll(() => server.close());

const openai = (more: object = {}): ModelSettings => ({
  provider: 'openai',
  api: 'chat',
  modelId: 'gpt-4.1-mini',
  baseUrl: `${server.url}/v1`,
  ...more,
});
const azure = (more: object = {}): ModelSettings => ({
  provider: 'azure',
  api: 'chat',
  endpoint: server.url,
  deployment: 'my-deployment',
  ...more,
});
const host = () => new URL(server.url).host;
/** An error in the words of OpenAI, which quote the key. */
const refusing = (status: number, code: string | null, message = `Incorrect API key provided: ${key}.`) => {
  answer = (_request, response) => sendJson(response, status, { error: { message, code } });
};

describe('OpenAI', () => {
  test('is asked for the model, with the headers of the agent and a key in one place', async () => {
    answer = (_request, response) => sendJson(response, 200, { id: 'gpt-4.1-mini', object: 'model' });
    const verification = await verifyKey(openai({ organization: 'org-1', project: 'proj_1' }), key);
    expect(verification).toEqual({
      verdict: 'accepted',
      found: `${host()} takes the key and has the model gpt-4.1-mini.`,
      remedy: '',
    });
    expect(requests).toMatchObject([
      {
        line: 'GET /v1/models/gpt-4.1-mini',
        headers: { authorization: `Bearer ${key}`, 'openai-organization': 'org-1', 'openai-project': 'proj_1' },
        body: '',
      },
    ]);
  });

  test.each(keyRows)('%s', async (_what, { status, code }, verification) => {
    refusing(status, code);
    expect(await verifyKey(openai(), key)).toEqual({
      ...verification,
      found: verification.found.replace('HOST', host()),
    });
  });

  test('a key that may ask models only is accepted', async () => {
    refusing(403, null, 'You have insufficient permissions for this operation. Missing scopes: api.model.read.');
    expect(await verifyKey(openai(), key)).toMatchObject({
      verdict: 'accepted',
      found: `${host()} takes the key, which may not read the list of models: whether it has gpt-4.1-mini is not known.`,
    });
  });

  test('is not followed elsewhere', async () => {
    answer = (_request, response) => response.writeHead(302, { location: `${server.url}/elsewhere` }).end();
    expect(await verifyKey(openai(), key)).toMatchObject({ verdict: 'untold' });
    expect(requests).toHaveLength(1);
  });

  test('cannot be reached', async () => {
    const gone = await startHttpServer(() => {});
    await gone.close();
    expect(await verifyKey(openai({ baseUrl: `${gone.url}/v1` }), key)).toEqual({
      verdict: 'untold',
      found: `${new URL(gone.url).host} could not be reached from this machine (ECONNREFUSED).`,
      remedy: 'Check the URL in the settings, and the network and proxy of this machine.',
    });
  });

  test('as the offline model plays it, takes its own keys', async () => {
    const model = await startOfflineModel();
    const [own, foreign] = [
      await verifyKey(openai({ baseUrl: model.url }), model.key),
      await verifyKey(openai({ baseUrl: model.url }), key),
    ];
    await model.close();
    expect([own.verdict, foreign.verdict]).toEqual(['accepted', 'refused']);
  });
});

describe('Azure OpenAI', () => {
  const error = (status: number, code: string | null, message: string) =>
    [status, { error: { code, message } }] as const;
  const has = (deployment: string) => (_request: IncomingMessage, response: ServerResponse) => {
    const said = (): readonly [status: number, body: object] => {
      const { line = '', headers, body = '' } = requests.at(-1) ?? {};
      if (headers?.['api-key'] !== key) return error(401, '401', 'Access denied');
      if (line.startsWith('GET')) return [200, { data: [] }];
      const asked = /deployments\/([^/]+)/.exec(line)?.[1] ?? (JSON.parse(body) as { model: string }).model;
      return asked === deployment
        ? error(400, null, "[] is too short - 'messages'")
        : error(404, 'DeploymentNotFound', 'The API deployment does not exist');
    };
    sendJson(response, ...said());
  };

  test.each<[string, object, string[]]>([
    ['v1 route', {}, ['GET /openai/v1/models', 'POST /openai/v1/chat/completions']],
    [
      'deployments route',
      { apiVersion: '2024-10-21' },
      [
        'GET /openai/models?api-version=2024-10-21',
        'POST /openai/deployments/my-deployment/chat/completions?api-version=2024-10-21',
      ],
    ],
  ])('%s: key and deployment', async (_route, more, lines) => {
    answer = has('my-deployment');
    expect(await verifyKey(azure(more), key)).toEqual({
      verdict: 'accepted',
      found: `Azure OpenAI at ${host()} takes the key and has the deployment my-deployment.`,
      remedy: '',
    });
    expect(requests.map(({ line }) => line)).toEqual(lines);
    answer = has('another');
    expect(await verifyKey(azure(more), key)).toEqual({
      verdict: 'limited',
      found: `Azure OpenAI at ${host()} takes the key, and has no deployment my-deployment.`,
      remedy: 'Change "azure.deployment", or deploy the model under that name; a new one takes some minutes to appear.',
    });
    expect(await verifyKey(azure(more), 'wrong')).toMatchObject({
      verdict: 'refused',
      found: `Azure OpenAI at ${host()} refuses the key (HTTP 401).`,
    });
  });
});
