import type { Span } from '../../local-aws/xray/otlp.ts';
import { type OfflineModel, startOfflineModel } from '../../offline-model/index.ts';
import { bundleAgent } from './support/bundle-agent.ts';
import { startCollector, treeOf } from './support/collector.ts';
import { startIdentityStandIn } from './support/identity-stand-in.ts';
import { RunningAgent, tokenHeader, until } from './support/running-agent.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

jest.setTimeout(20_000);

const folder = temporaryFolder();
const key = 'sk-first-key-0123456789';
const sessionHeader = 'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id';
const requestHeader = 'X-Amzn-Bedrock-AgentCore-Runtime-Request-Id';
let model: OfflineModel;
let identity: Awaited<ReturnType<typeof startIdentityStandIn>>;
let collector: Awaited<ReturnType<typeof startCollector>>;
let agent: RunningAgent;

beforeAll(async () => {
  bundleAgent(folder.path);
  model = await startOfflineModel({ acceptsKey: (given) => given === key });
});
beforeEach(async () => {
  identity = await startIdentityStandIn(key);
  collector = await startCollector();
});
afterEach(async () => {
  await agent.stop();
  await collector.close();
  await identity.close();
});
afterAll(async () => {
  await model.close();
  folder.remove();
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<RunningAgent> {
  agent = await RunningAgent.start(folder.path, {
    AWS_ENDPOINT_URL: identity.url,
    OPENAI_BASE_URL: model.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    TRACING: 'on',
    ...env,
  });
  return agent;
}

const root = ({ name }: Span) => name === 'POST /invocations';

/** @returns the spans of all traces that have begun, once the first spans of so many are there */
async function spansOf(traces: number): Promise<readonly Span[]> {
  await until(() => collector.spans.filter(root).length >= traces);
  return collector.spans;
}

function named(spans: readonly Span[], name: string): Span {
  const span = spans.find((each) => each.name === name);
  if (!span) throw new Error(`no span ${name} among ${spans.map((each) => each.name).join(', ')}`);
  return span;
}

describe('a trace of an invocation', () => {
  test('shows the request, the agent, each model call with its key, and the tool', async () => {
    await start();
    expect(await agent.ask('How much is 2X2?')).toBe('2*2 = 4.');
    const spans = await spansOf(1);
    expect(treeOf(spans)).toBe(
      [
        'POST /invocations',
        '  invoke_agent Strands Agent',
        '    execute_agent_loop_cycle',
        '      chat',
        '      execute_tool calculator',
        '    execute_agent_loop_cycle',
        '      chat',
        '  GetResourceApiKey',
        '  GetResourceApiKey',
      ].join('\n'),
    );
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    for (const { start: begin, end } of spans) expect(end).toBeGreaterThanOrEqual(begin);
  });

  test('says which session and request it was, and who served it', async () => {
    await start();
    await agent.ask('Hello', {
      headers: { ...tokenHeader, [sessionHeader]: 'session-1', [requestHeader]: 'request-1' },
    });
    const spans = await spansOf(1);
    for (const { attributes } of spans) expect(attributes['session.id']).toBe('session-1');
    const { kind, attributes, status } = named(spans, 'POST /invocations');
    expect([kind, status.code, attributes]).toEqual([
      'server',
      'unset',
      {
        'session.id': 'session-1',
        'aws.request_id': 'request-1',
        'http.request.method': 'POST',
        'url.path': '/invocations',
      },
    ]);
    expect(named(spans, 'chat').attributes).toMatchObject({
      'gen_ai.request.model': 'gpt-4.1-mini',
      'gen_ai.usage.input_tokens': expect.any(Number),
    });
  });

  test('says of a key from which provider it is, and whether it was in memory', async () => {
    await start();
    await agent.ask('How much is 2X2?');
    const keys = (await spansOf(1)).filter(({ name }) => name === 'GetResourceApiKey');
    const provider = { 'aws.bedrock.agentcore.credential_provider': 'openai-test' };
    expect(keys.map(({ kind, attributes }) => [kind, attributes])).toEqual([
      ['client', expect.objectContaining({ ...provider, 'aws.bedrock.agentcore.api_key.cached': false })],
      ['client', expect.objectContaining({ ...provider, 'aws.bedrock.agentcore.api_key.cached': true })],
    ]);
  });

  test('has the agent’s own token below the key, where a caller names no user', async () => {
    await start({ WORKLOAD_IDENTITY_NAME: 'mine' });
    await agent.ask('Hello', { headers: {} });
    expect(treeOf(await spansOf(1))).toContain('  GetResourceApiKey\n    GetWorkloadAccessToken');
  });

  test.each([
    [
      'of AgentCore Identity',
      { status: 403, name: 'AccessDeniedException', message: 'not allowed: eyJ.secret' },
      'GetResourceApiKey',
    ],
    ['of a request that no agent sees', undefined, 'POST /invocations'],
  ] as const)('has the code of an error %s, and no word of it', async (_of, error, where) => {
    await start();
    identity.error = error;
    const reply = (await (await agent.invoke(error ? { prompt: 'Hello' } : { body: '{' })).json()) as {
      error: { code: string };
    };
    const spans = await spansOf(1);
    for (const name of new Set([where, 'POST /invocations'])) {
      const { status, attributes } = named(spans, name);
      expect([name, status, attributes['error.type']]).toEqual([
        name,
        { code: 'error', message: '' },
        reply.error.code,
      ]);
    }
    expect(collector.raw.toString('latin1')).not.toMatch(/not allowed|eyJ\.secret/);
  });

  test('is in the log line of the invocation', async () => {
    await start();
    await agent.ask('Hello');
    const [{ traceId } = { traceId: '' }] = await spansOf(1);
    expect(agent.invocationLog).toEqual([expect.objectContaining({ traceId })]);
  });

  test('is not mixed up with those beside it: each session has its own', async () => {
    await start();
    const names = Array.from({ length: 40 }, (_, index) => `session-${index}`);
    await Promise.all(
      names.map((name) => agent.ask('How much is 2X2?', { headers: { ...tokenHeader, [sessionHeader]: name } })),
    );
    const spans = await spansOf(names.length);
    for (const first of spans.filter(root)) {
      const own = spans.filter(({ traceId }) => traceId === first.traceId);
      expect(own).toHaveLength(9);
      expect(new Set(own.map(({ attributes }) => attributes['session.id'])).size).toBe(1);
    }
    expect(new Set(spans.map(({ attributes }) => attributes['session.id']))).toEqual(new Set(names));
  });
});

describe('the parent of a trace', () => {
  const traceId = '5759e988bd862e3fe1be46a994272793';
  const parentSpanId = '53995c3f42cd8ad8';
  const amazon = `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=${parentSpanId}`;

  test.each([
    ['traceparent', { traceparent: `00-${traceId}-${parentSpanId}-01` }],
    ['X-Amzn-Trace-Id', { 'X-Amzn-Trace-Id': `${amazon};Sampled=1` }],
    ['X-Amzn-Trace-Id in another order', { 'X-Amzn-Trace-Id': `Self=1-0-0; Parent=${parentSpanId}; ${amazon}` }],
    ['X-Amzn-Trace-Id that leaves the decision open', { 'X-Amzn-Trace-Id': `${amazon};Sampled=?` }],
    [
      'both, of which W3C’s counts',
      {
        traceparent: `00-${traceId}-${parentSpanId}-01`,
        'X-Amzn-Trace-Id': 'Root=1-00000000-000000000000000000000001;Parent=0000000000000001;Sampled=1',
      },
    ],
  ])('is that of the caller, from %s', async (_name, headers) => {
    await start();
    await agent.ask('Hello', { headers: { ...tokenHeader, ...headers } });
    expect(named(await spansOf(1), 'POST /invocations')).toMatchObject({ traceId, parentSpanId });
  });

  test.each([
    ['nothing', {}],
    ['half an id', { 'X-Amzn-Trace-Id': 'Root=1-5759e988' }],
    ['no span', { 'X-Amzn-Trace-Id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1' }],
    ['nonsense', { traceparent: 'x'.repeat(5000), 'X-Amzn-Trace-Id': ';;=Root=;'.repeat(500) }],
  ])('is nobody where the caller sends %s', async (_what, headers) => {
    await start();
    await agent.ask('Hello', { headers: { ...tokenHeader, ...headers } });
    expect(named(await spansOf(1), 'POST /invocations')).toMatchObject({ parentSpanId: '' });
  });

  test('can decide that there is no trace; the log has its id all the same', async () => {
    await start();
    await agent.ask('Hello', { headers: { ...tokenHeader, 'X-Amzn-Trace-Id': `${amazon};Sampled=0` } });
    await agent.ask('Hello');
    const spans = await spansOf(1);
    expect(spans.map((span) => span.traceId)).not.toContain(traceId);
    expect(agent.invocationLog[0]).toMatchObject({ traceId });
  });
});

describe('what a trace holds of the conversation', () => {
  const prompt = 'Mrs Smith of Baker Street asks: how much is 2X2?';
  const conversation = { SYSTEM_PROMPT: 'You are a discreet butler.' };
  const words = /Smith|Baker|butler|2\*2|= 4/;

  test('is nothing by default: no prompt, answer, instruction, input or output of a tool', async () => {
    await start(conversation);
    for (const _ of [1, 2]) await agent.ask(prompt, { headers: { ...tokenHeader, [sessionHeader]: 's' } });
    const spans = await spansOf(2);
    expect(treeOf(spans)).toContain('execute_tool calculator');
    expect(collector.raw.toString('latin1')).not.toMatch(words);
    expect(spans.flatMap(({ events }) => events)).toEqual([]);
  });

  test('is all of it where TRACING is content, and no key even then', async () => {
    await start({ ...conversation, TRACING: 'content' });
    await agent.ask(`${prompt} My key is sk-proj-Abcdefgh12345678.`);
    const spans = await spansOf(1);
    const seen = JSON.stringify(spans, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
    for (const word of ['Mrs Smith', 'discreet butler', '2*2', '= 4']) expect(seen).toContain(word);
    expect(seen).not.toContain('sk-proj');
    expect(seen).toContain('[redacted]');
  });

  test.each(['on', 'content'])('is never the key or the token of the request (TRACING is %s)', async (tracing) => {
    await start({ TRACING: tracing, WORKLOAD_IDENTITY_NAME: 'mine' });
    await agent.ask('How much is 2X2?');
    await agent.ask('How much is 2X2?', { headers: {} });
    identity.key = 'sk-second-key-refused-987';
    identity.error = { status: 401, name: 'UnauthorizedException', message: `Token ${identity.ownToken}` };
    await agent.ask('Hello', { headers: { 'X-Amz-Bedrock-AgentCore-Identity-WAT': 'forged-token-000111222' } });
    await spansOf(3);
    const raw = collector.raw.toString('latin1');
    for (const secret of [key, identity.key, identity.ownToken, ...Object.values(tokenHeader), 'forged-token']) {
      expect(raw).not.toContain(secret);
    }
  });
});

describe('traces are sent', () => {
  test('to a collector without a signature, at the path that OpenTelemetry has for them', async () => {
    await start();
    await agent.ask('Hello');
    await spansOf(1);
    expect(collector.requests[0]).toMatchObject({
      path: '/v1/traces',
      headers: { 'content-type': 'application/x-protobuf' },
    });
    expect(collector.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  test('to X-Ray of the Region otherwise, signed with the credentials of the role', async () => {
    await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: '',
      AWS_ENDPOINT_URL_XRAY: collector.url,
      AWS_SESSION_TOKEN: 'of-role',
    });
    await agent.ask('Hello');
    await spansOf(1);
    const { path, headers = {} } = collector.requests[0] ?? {};
    expect(path).toBe('/v1/traces');
    expect(headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIATEST\/\d{8}\/us-west-2\/xray\/aws4_request, SignedHeaders=[\w;-]*host[\w;-]*, Signature=[0-9a-f]{64}$/,
    );
    expect(headers['x-amz-security-token']).toBe('of-role');
  });

  test('under the name that AgentCore Runtime gives the agent', async () => {
    await start({
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=mine.DEFAULT,cloud.resource_id=arn:aws:x:y/DEFAULT:DEFAULT',
      OTEL_EXPORTER_OTLP_LOGS_HEADERS:
        'x-aws-log-group=/aws/bedrock-agentcore/runtimes/mine-DEFAULT,x-aws-log-stream=s',
    });
    await agent.ask('Hello');
    expect((await spansOf(1))[0]?.resource).toEqual({
      'service.name': 'mine.DEFAULT',
      'aws.service.type': 'gen_ai_agent',
      'aws.log.group.names': '/aws/bedrock-agentcore/runtimes/mine-DEFAULT',
      'cloud.resource_id': 'arn:aws:x:y/DEFAULT:DEFAULT',
    });
  });

  test('at the end of each invocation, not when there are many', async () => {
    await start();
    await agent.ask('Hello');
    const answered = Date.now();
    await spansOf(1);
    expect(Date.now() - answered).toBeLessThan(1000);
  });

  test('a second time where the first fails for a moment', async () => {
    collector.statuses = [503, 200];
    await start();
    await agent.ask('Hello');
    await spansOf(1);
    expect(collector.requests).toHaveLength(2);
    expect(agent.output).not.toContain('traces are lost');
  });

  test('at SIGTERM, what is still there, and the agent ends', async () => {
    await start();
    collector.delay = 300;
    await agent.ask('Hello');
    agent.process.kill('SIGTERM');
    await until(() => agent.process.exitCode !== null);
    expect(collector.spans.filter(root)).toHaveLength(1);
    expect(agent.process.exitCode).toBe(0);
  });
});

describe('a destination that fails', () => {
  test.each([
    [
      'refuses',
      () => void Object.assign(collector, { statuses: [403], words: 'not authorized to perform: xray:PutSpans' }),
      /403.*xray:PutSpans/,
    ],
    ['is not there', () => collector.close(), /ECONNREFUSED/],
  ])('and %s: every invocation is answered, and the log says it once', async (_how, fail, reason) => {
    await start();
    await fail();
    for (const _ of [1, 2, 3]) expect(await agent.ask('How much is 2X2?')).toBe('2*2 = 4.');
    const complaints = () => agent.log.filter(({ message }) => message === 'traces are lost');
    await until(() => complaints().length > 0);
    await agent.ask('Hello');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(complaints()).toEqual([
      expect.objectContaining({
        level: 'warn',
        destination: new URL(collector.url).host,
        reason: expect.stringMatching(reason),
      }),
    ]);
    expect(agent.invocationLog.every(({ level }) => level === 'info')).toBe(true);
  });

  test('and hangs: no answer waits for it, and SIGTERM waits three seconds at most', async () => {
    collector.delay = 30_000;
    await start();
    const begun = Date.now();
    for (const _ of [1, 2, 3]) expect(await agent.ask('How much is 2X2?')).toBe('2*2 = 4.');
    expect(Date.now() - begun).toBeLessThan(4000);
    agent.process.kill('SIGTERM');
    const stopped = Date.now();
    await until(() => agent.process.exitCode !== null);
    expect(Date.now() - stopped).toBeLessThan(3900);
  });
});
