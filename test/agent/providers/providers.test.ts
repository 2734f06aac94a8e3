import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { bundleAgent } from '../../../agent/bundle.ts';
import { startHttpServer } from '../support/http-server.ts';
import { startIdentityStandIn } from '../support/identity-stand-in.ts';
import { eventsOf, RunningAgent, tokenHeader } from '../support/running-agent.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { chatStream, responsesStream, type Said } from './answers.ts';
import { chatRequest, responsesRequest } from './requests.ts';

const key = 'sk-key-of-the-test-0123456789';

/** One way to ask a model: the settings that choose it, and the one request line and header that the provider takes. */
interface Route {
  readonly name: string;
  readonly api: 'chat' | 'responses';
  readonly azure: boolean;
  /** @param origin where the provider is */
  readonly settings: (origin: string) => Readonly<Record<string, string>>;
  readonly url: string;
  /** Of the request's body. */
  readonly model: string;
  readonly keyHeader: readonly [string, string];
  /** Beside those that every request has. */
  readonly headers: Readonly<Record<string, string>>;
}

const ofAzure = (origin: string) => ({
  OPENAI_PROVIDER: 'azure',
  AZURE_OPENAI_ENDPOINT: `${origin}/`,
  AZURE_OPENAI_DEPLOYMENT: 'my-mini',
  // Of OpenAI: they mean nothing here, whatever the OpenAI client makes of them.
  OPENAI_ORG_ID: 'org-OfOpenAI',
  OPENAI_PROJECT_ID: 'proj_OfOpenAI',
});

const routes: readonly Route[] = [
  {
    name: 'OpenAI, Chat Completions',
    api: 'chat',
    azure: false,
    settings: (origin) => ({ OPENAI_BASE_URL: `${origin}/v1` }),
    url: '/v1/chat/completions',
    model: 'gpt-4.1-mini',
    keyHeader: ['authorization', `Bearer ${key}`],
    headers: {},
  },
  {
    name: 'OpenAI, Responses, for a project of an organization',
    api: 'responses',
    azure: false,
    settings: (origin) => ({
      OPENAI_BASE_URL: `${origin}/v1`,
      OPENAI_API: 'responses',
      OPENAI_MODEL_ID: 'gpt-5-mini',
      OPENAI_ORG_ID: 'org-AbC123',
      OPENAI_PROJECT_ID: 'proj_XyZ789',
    }),
    url: '/v1/responses',
    model: 'gpt-5-mini',
    keyHeader: ['authorization', `Bearer ${key}`],
    headers: { 'openai-organization': 'org-AbC123', 'openai-project': 'proj_XyZ789' },
  },
  {
    name: 'Azure OpenAI, deployments route',
    api: 'chat',
    azure: true,
    settings: (origin) => ({ ...ofAzure(origin), OPENAI_API_VERSION: '2024-10-21' }),
    url: '/openai/deployments/my-mini/chat/completions?api-version=2024-10-21',
    model: 'my-mini',
    keyHeader: ['api-key', key],
    headers: {},
  },
  {
    name: 'Azure OpenAI, v1 route',
    api: 'chat',
    azure: true,
    settings: (origin) => ofAzure(origin),
    url: '/openai/v1/chat/completions',
    model: 'my-mini',
    keyHeader: ['api-key', key],
    headers: {},
  },
  {
    name: 'Azure OpenAI, v1 route, Responses',
    api: 'responses',
    azure: true,
    settings: (origin) => ({ ...ofAzure(origin), OPENAI_API: 'responses' }),
    url: '/openai/v1/responses',
    model: 'my-mini',
    keyHeader: ['api-key', key],
    headers: {},
  },
];

/** What undici and the OpenAI client send with each request, whatever they are asked. */
const ordinaryHeaders = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'connection',
  'content-length',
  'content-type',
  'host',
  'sec-fetch-mode',
  'user-agent',
]);

interface Request {
  readonly line: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

const folder = temporaryFolder();
beforeAll(() => bundleAgent(folder.path));
afterAll(() => folder.remove());

describe.each(routes)('$name', ({ api, azure, settings, url, model, keyHeader, headers }) => {
  let provider: Awaited<ReturnType<typeof startHttpServer>>;
  let identity: Awaited<ReturnType<typeof startIdentityStandIn>>;
  let agent: RunningAgent;
  let requests: Request[] = [];
  let reply: (response: ServerResponse) => void;

  beforeAll(async () => {
    provider = await startHttpServer((request: IncomingMessage, response) => {
      void json(request).then((body) => {
        requests.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
        reply(response);
      });
    });
    identity = await startIdentityStandIn(key);
    agent = await RunningAgent.start(folder.path, {
      AWS_ENDPOINT_URL: identity.url,
      MODEL_TIMEOUT_SECONDS: '2',
      // What the OpenAI client would take by itself, and shall not.
      OPENAI_API_KEY: 'sk-of-the-environment',
      OPENAI_ADMIN_KEY: 'sk-of-the-administrator',
      OPENAI_LOG: 'debug',
      ...settings(provider.url),
    });
  });
  afterAll(async () => {
    await agent.stop();
    await identity.close();
    await provider.close();
  });
  beforeEach(() => {
    requests = [];
  });

  const says = (said: Said) => (api === 'chat' ? chatStream(said, azure) : responsesStream(said));
  const streams = (body: string) => (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(body);
  };
  const refuses = (status: number, error: unknown) => (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
  };
  const inTurn = (...bodies: readonly string[]) => {
    const left = [...bodies];
    return (response: ServerResponse) => streams(left.shift() ?? '')(response);
  };

  async function ask(prompt: string, session?: string): Promise<unknown[]> {
    const sessionHeader = session && { 'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id': session };
    const response = await agent.invoke({
      prompt,
      accept: 'text/event-stream',
      headers: { ...tokenHeader, ...sessionHeader },
    });
    return eventsOf(await response.text());
  }

  test('a request is exactly what the reference of the provider says', async () => {
    reply = streams(says({ text: 'Hello there.', usage: { input: 9, output: 3 } }));
    expect(await ask('Hi.')).toEqual([
      'Hello',
      ' there.',
      {
        messageStop: { stopReason: 'end_turn', usage: { inputTokens: 9, outputTokens: 3, totalTokens: 12 } },
      },
    ]);
    expect(requests).toHaveLength(1);
    const [request] = requests as [Request];
    expect(request.line).toBe(`POST ${url}`);
    const own = Object.entries(request.headers).filter(
      ([name]) => !ordinaryHeaders.has(name) && !name.startsWith('x-stainless-'),
    );
    expect(Object.fromEntries(own)).toEqual({ ...headers, [keyHeader[0]]: keyHeader[1] });
    expect(request.headers['content-type']).toBe('application/json');
    const body = (api === 'chat' ? chatRequest : responsesRequest).parse(request.body);
    expect(body.model).toBe(model);
    expect(JSON.stringify(request.body)).not.toContain(key);
  });

  test('two tools at once: what was said before, both calls and both results go back in order', async () => {
    reply = inTurn(
      says({
        text: 'Let me see.',
        toolCalls: [
          { id: 'call_a', name: 'calculator', args: '{"expression":"2*2"}' },
          { id: 'call_b', name: 'weather', args: '{"place":"Seoul"}' },
        ],
        usage: { input: 50, output: 20 },
      }),
      says({ text: '4, and sunny.', usage: { input: 90, output: 5 } }),
    );
    const events = await ask('How much is 2X2, and the weather in Seoul?');
    expect(events.filter((event) => typeof event === 'string').join('')).toBe('Let me see.\n\n4, and sunny.');
    expect(events.at(-1)).toEqual({
      messageStop: { stopReason: 'end_turn', usage: { inputTokens: 140, outputTokens: 25, totalTokens: 165 } },
    });
    const body = requests[1]?.body;
    if (api === 'chat') {
      expect(chatRequest.parse(body).messages.slice(-3)).toEqual([
        {
          role: 'assistant',
          content: 'Let me see.',
          tool_calls: [
            { id: 'call_a', type: 'function', function: { name: 'calculator', arguments: '{"expression":"2*2"}' } },
            { id: 'call_b', type: 'function', function: { name: 'weather', arguments: '{"place":"Seoul"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_a', content: '4' },
        { role: 'tool', tool_call_id: 'call_b', content: 'The weather in Seoul is sunny.' },
      ]);
    } else {
      expect(responsesRequest.parse(body).input.slice(-5)).toEqual([
        { role: 'assistant', content: 'Let me see.' },
        { type: 'function_call', call_id: 'call_a', name: 'calculator', arguments: '{"expression":"2*2"}' },
        { type: 'function_call', call_id: 'call_b', name: 'weather', arguments: '{"place":"Seoul"}' },
        { type: 'function_call_output', call_id: 'call_a', output: '4' },
        { type: 'function_call_output', call_id: 'call_b', output: 'The weather in Seoul is sunny.' },
      ]);
    }
  });

  test('a conversation goes on, in requests that the provider takes', async () => {
    const session = `session-of-${model}-${api}`.padEnd(33, '-');
    reply = inTurn(
      says({
        toolCalls: [{ id: 'call_c', name: 'weather', args: '{}' }],
        usage: { input: 1, output: 1 },
      }),
      says({ text: 'Sunny.', usage: { input: 1, output: 1 } }),
      says({ text: 'As I said.', usage: { input: 1, output: 1 } }),
    );
    await ask('Weather?', session);
    expect(await ask('Sure?', session)).toContain(' said.');
    const schema = api === 'chat' ? chatRequest : responsesRequest;
    expect(() => schema.parse(requests.at(-1)?.body)).not.toThrow();
    expect(JSON.stringify(requests.at(-1)?.body)).toMatch(/Weather\?.*call_c.*sunny.*Sunny\..*Sure\?/);
  });

  test('what the model declines to say is its answer', async () => {
    reply = streams(says({ refusal: 'I cannot help with that.', usage: { input: 1, output: 1 } }));
    expect((await ask('Do harm.'))[0]).toBe('I cannot help with that.');
  });

  test('a key that was exchanged is fetched again, and goes into the same header', async () => {
    const fresh = 'sk-fresh-key-of-the-test-9876543210';
    reply = streams(says({ text: 'Hello.', usage: { input: 1, output: 1 } }));
    await ask('Hi.');
    requests = [];
    identity.key = fresh;
    const refusal = azure
      ? { code: '401', message: 'Access denied due to invalid subscription key or wrong API endpoint.' }
      : { code: 'invalid_api_key', message: 'Incorrect API key provided: sk-key-o***6789.' };
    const old = keyHeader[1];
    reply = (response) =>
      requests.at(-1)?.headers[keyHeader[0]] === old
        ? refuses(401, refusal)(response)
        : streams(says({ text: 'Hello again.', usage: { input: 1, output: 1 } }))(response);
    expect(await ask('Hi.')).toContain(' again.');
    expect(requests.map((request) => request.headers[keyHeader[0]])).toEqual([old, old.replace(key, fresh)]);
    identity.key = key;
    // So that the tests that follow begin with the first key.
    reply = refuses(401, refusal);
    await ask('Hi.');
  });

  const subject = azure ? /deployment "my-mini" at http:\/\/127/ : new RegExp(`model "${model}"`);

  test.each<[string, number, unknown, string, RegExp]>([
    [
      'no such deployment or model',
      404,
      azure
        ? { code: 'DeploymentNotFound', message: 'The API deployment for this resource does not exist.' }
        : { code: 'model_not_found', message: 'The model does not exist or you do not have access to it.' },
      'ModelNotFound',
      subject,
    ],
    [
      'a prompt that its filter refuses',
      400,
      {
        code: 'content_filter',
        status: 400,
        message: 'The response was filtered.',
        innererror: { code: 'ResponsibleAIPolicyViolation' },
      },
      'ModelRejectedRequest',
      /content_filter/,
    ],
    [
      'a conversation that is too long',
      400,
      { code: 'context_length_exceeded', message: 'Too long.' },
      'ModelRejectedRequest',
      subject,
    ],
    ['no access', 403, { code: '403', message: 'Public access is disabled.' }, 'ModelAccessDenied', subject],
  ])('%s is an error that says so', async (_what, status, error, code, message) => {
    reply = refuses(status, error);
    const events = await ask('Hi.');
    expect(events).toEqual([{ error: expect.objectContaining({ code, message: expect.stringMatching(message) }) }]);
    expect(requests).toHaveLength(1);
  });

  test('the wait that a provider asks for in milliseconds is kept', async () => {
    let throttledAt = 0;
    reply = (response) => {
      if (requests.length > 1) return streams(says({ text: 'Yes.', usage: { input: 1, output: 1 } }))(response);
      throttledAt = performance.now();
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after-ms': '60', 'retry-after': '30' });
      response.end(JSON.stringify({ error: { code: '429', message: 'Please retry after 1 second.' } }));
    };
    expect((await ask('Hi.'))[0]).toBe('Yes.');
    const waited = performance.now() - throttledAt;
    expect(waited).toBeGreaterThan(55);
    expect(waited).toBeLessThan(1000);
  });

  if (api === 'responses') {
    const half: Said = { text: 'Half an', usage: { input: 1, output: 1 } };

    test.each([
      ['is filtered', { incomplete: 'content_filter' }, 'ModelRejectedRequest'],
      ['is cut off', { incomplete: 'max_output_tokens' }, 'ModelResponseInvalid'],
      ['breaks off', 'none', 'ModelResponseInvalid'],
      ['fails', { failed: 'server_error' }, 'ModelUnavailable'],
      ['is throttled', { failed: 'rate_limit_exceeded' }, 'ModelThrottled'],
    ] as const)('an answer that %s is an error, after what was said', async (_what, ending, code) => {
      reply = streams(responsesStream(half, ending));
      expect(await ask('Hi.')).toEqual(['Half', ' an', { error: expect.objectContaining({ code }) }]);
      expect(agent.output).not.toContain('Words of the provider');
    });

    test('an error event is an error', async () => {
      const error = { type: 'error', code: 'server_error', message: 'Words of the provider.', param: null };
      reply = streams(`event: error\ndata: ${JSON.stringify({ ...error, sequence_number: 0 })}\n\n`);
      expect(await ask('Hi.')).toEqual([{ error: expect.objectContaining({ code: 'ModelUnavailable' }) }]);
    });
  }
});
