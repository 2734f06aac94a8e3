import { bundleAgent } from './support/bundle-agent.ts';
import { type AgentOnRoute, startAgentOn } from './support/providers/agent.ts';
import { azureDeployments, openaiResponses, routes } from './support/providers/routes.ts';
import { eventsOf, textOf, tokenHeader } from './support/running-agent.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const call = (id: string, name: string, input: object) => ({ id, name, args: JSON.stringify(input) });
const usage = { input: 100, output: 10 };

const bundle = temporaryFolder();

jest.setTimeout(30_000);
beforeAll(() => bundleAgent(bundle.path));
afterAll(() => bundle.remove());

describe.each(routes)('$name', (route) => {
  let started: AgentOnRoute;

  beforeAll(async () => {
    started = await startAgentOn(route, bundle.path);
  });
  afterAll(() => started.close());

  beforeEach(() => {
    started.provider.key = started.identity.key;
    for (const list of ['answers', 'faults', 'bodies', 'keys'] as const) started.provider[list].length = 0;
  });
  // The stand-in holds path, query, headers and body of every request against the provider's reference.
  afterEach(() => expect(started.provider.faults).toEqual([]));

  const stream = async (prompt: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await started.agent.invoke({
      prompt,
      accept: 'text/event-stream',
      headers: { ...tokenHeader, ...headers },
    });
    return eventsOf(await response.text());
  };

  test('answers, with the tokens that it took', async () => {
    started.provider.answers.push({ text: 'Good morning to you.', usage });
    const events = await stream('Good morning');
    expect(textOf(events)).toBe('Good morning to you.');
    expect(events.length).toBeGreaterThan(3);
    expect(events.at(-1)).toEqual({
      messageStop: { stopReason: 'end_turn', usage: { inputTokens: 100, outputTokens: 10, totalTokens: 110 } },
    });
  });

  test('asks for a tool, gets its result, and answers; the tokens of both requests count', async () => {
    started.provider.answers.push(
      { toolCalls: [call('call_1', 'calculator', { expression: '2*2' })], usage },
      { text: '2*2 is 4.', usage: { input: 150, output: 5 } },
    );
    const events = await stream('How much is 2X2?');
    expect(events).toContainEqual({
      toolUse: { toolUseId: 'call_1', name: 'calculator', input: { expression: '2*2' } },
    });
    expect(events).toContainEqual({ toolResult: { toolUseId: 'call_1', status: 'success' } });
    expect(textOf(events)).toBe('2*2 is 4.');
    expect(events.at(-1)).toMatchObject({ messageStop: { usage: { inputTokens: 250, outputTokens: 15 } } });
    expect(resultsIn(started.provider.bodies[1])).toEqual(['4']);
  });

  test('says something, asks for two tools at once, and finds all of it in the next request, and in the next turn', async () => {
    const session = { 'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id': 'a-session-of-one-test-0123456789012345' };
    started.provider.answers.push(
      {
        text: 'Let me see.',
        toolCalls: [call('call_1', 'calculator', { expression: '6*7' }), call('call_2', 'weather', {})],
        usage,
      },
      { text: '42, and sunny.', usage },
      { text: 'You are welcome.', usage },
    );
    expect(textOf(await stream('6*7? And the weather?', session))).toBe('Let me see.\n\n42, and sunny.');
    expect(textOf(await stream('Thank you', session))).toBe('You are welcome.');
    const [, second, third] = started.provider.bodies;
    for (const body of [second, third]) {
      expect(resultsIn(body)).toEqual(['42', expect.stringContaining('sunny')]);
      expect(JSON.stringify(body)).toContain('Let me see.');
    }
    expect(JSON.stringify(third)).toContain('42, and sunny.');
  });

  test('that refuses to answer is quoted', async () => {
    started.provider.answers.push({ refusal: 'I cannot help with that.', usage });
    expect(await started.agent.ask('Do something bad')).toBe('I cannot help with that.');
  });

  test('gets the new key in the same request when it refuses the one before', async () => {
    started.provider.answers.push({ text: 'First.', usage }, { text: 'Second.', usage });
    expect(await started.agent.ask('Hello')).toBe('First.');
    const old = started.identity.key;
    started.identity.key = started.provider.key = 'another-key-of-the-test-9876543210';
    expect(await started.agent.ask('Hello')).toBe('Second.');
    expect(started.provider.keys).toEqual([old, old, started.identity.key]);
  });

  test('that refuses the key and has no other is told from a provider that is away, and nothing of the key goes on', async () => {
    started.provider.key = 'nobody-has-this-one';
    const answer = JSON.stringify(await started.agent.ask('Hello'));
    expect(JSON.parse(answer)).toMatchObject({
      error: { code: 'ModelKeyRefused', status: 401, message: expect.stringContaining('provider "openai-test"') },
    });
    for (const part of [started.identity.key.slice(0, 8), started.identity.key.slice(-4)]) {
      expect(answer + started.agent.output).not.toContain(part);
    }
  });

  test('is tried again when it is throttled, as soon as it allows', async () => {
    started.provider.answers.push(
      (response) => response.writeHead(429, { 'retry-after': '5', 'retry-after-ms': '50' }).end('{}'),
      { text: 'Now.', usage },
    );
    const begun = performance.now();
    expect(await started.agent.ask('Hello')).toBe('Now.');
    expect(performance.now() - begun).toBeLessThan(4000);
  });
});

describe('the stand-in', () => {
  const body = {
    model: 'my-deployment',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    stream: true,
    stream_options: { include_usage: true },
    tools: [],
  };

  test.each([
    ['a body that is right', {}, []],
    ['a member that the reference does not have', { streaming: true }, [': Unrecognized key: "streaming"']],
    ['no usage', { stream_options: undefined }, [expect.stringMatching(/^stream_options: /)]],
    [
      'a tool call without its result',
      {
        messages: [
          {
            role: 'assistant',
            content: '',
            tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'x', arguments: '' } }],
          },
        ],
      },
      [expect.stringContaining('every tool call must be followed by its result')],
    ],
  ])('finds in %s what is wrong', (_, change, faults) => {
    const { error } = azureDeployments.body.safeParse({ ...body, ...change });
    expect((error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual(faults);
  });

  test('takes no stream option of the other API, and nothing that the provider would store', () => {
    const request = {
      model: 'm',
      instructions: 'i',
      input: [{ role: 'assistant', content: 'x' }],
      stream: true,
      tools: [],
    };
    expect(openaiResponses.body.safeParse({ ...request, store: false }).success).toBe(true);
    expect(openaiResponses.body.safeParse({ ...request, store: true }).success).toBe(false);
    expect(
      openaiResponses.body.safeParse({ ...request, store: false, stream_options: { include_usage: true } }).success,
    ).toBe(false);
  });
});

/** What the tools returned, in a request of either API. */
function resultsIn(body: unknown): unknown[] {
  const { messages, input } = body as Record<'messages' | 'input', readonly Record<string, unknown>[] | undefined>;
  return messages
    ? messages.filter(({ role }) => role === 'tool').map(({ content }) => content)
    : (input ?? []).filter(({ type }) => type === 'function_call_output').map(({ output }) => output);
}
