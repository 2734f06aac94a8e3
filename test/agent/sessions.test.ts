import { eventsOf, type Invocation, tokenHeader, until } from './support/running-agent.ts';
import { type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';
import { chunk, refuseWith, type Script, stream, toolCall } from './support/scripted-model.ts';

let scripted: ScriptedAgent;
let model: ScriptedAgent['model'];
let agent: ScriptedAgent['agent'];

beforeAll(async () => {
  scripted = await startScriptedAgent();
  ({ model, agent } = scripted);
});
afterAll(() => scripted.close());

const says = (text: string) => stream(chunk({ content: text }), chunk({}, 'stop'));

let sessions = 0;
function newSession() {
  const headers = {
    ...tokenHeader,
    'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id': `session-${++sessions}-`.padEnd(33, '0'),
  };
  return {
    ask: (prompt: string) => agent.ask(prompt, { headers }),
    invoke: (invocation: Invocation) => agent.invoke({ ...invocation, headers }),
  };
}

/** What the model was sent last, but for the instructions: who said it, and the text. */
function heard(): string[] {
  return model.messages
    .filter(({ role }) => role !== 'system')
    .map(({ role, content }) => {
      const text = Array.isArray(content)
        ? content.map((part: { text?: string }) => part.text ?? '').join('')
        : content;
      return `${role}: ${text}`;
    });
}

test('a conversation of three turns goes on within its session, tools included', async () => {
  const session = newSession();
  model.script = says('Hello, Jin.');
  expect(await session.ask('I am Jin.')).toBe('Hello, Jin.');
  const scripts = [
    stream(chunk({ tool_calls: [toolCall('weather', '{"place": "Seoul"}')] }), chunk({}, 'tool_calls')),
    says('Sunny.'),
  ];
  model.script = (...args) => scripts.shift()?.(...args);
  expect(await session.ask('The weather in Seoul?')).toBe('Sunny.');
  model.script = says('Jin, in Seoul.');
  expect(await session.ask('Who am I, and where?')).toBe('Jin, in Seoul.');
  expect(heard()).toEqual([
    'user: I am Jin.',
    'assistant: Hello, Jin.',
    'user: The weather in Seoul?',
    'assistant: ',
    'tool: The weather in Seoul is sunny.',
    'assistant: Sunny.',
    'user: Who am I, and where?',
  ]);
});

test('sessions never see each other', async () => {
  model.script = says('Noted.');
  await newSession().ask('My number is 42.');
  await newSession().ask('What is my number?');
  expect(heard()).toEqual(['user: What is my number?']);
});

test('a request without a session begins afresh each time', async () => {
  model.script = says('Noted.');
  await agent.ask('My number is 42.');
  await agent.ask('What is my number?');
  expect(heard()).toEqual(['user: What is my number?']);
});

test('two prompts of one session at once are answered one after the other, in the order in which they came', async () => {
  const session = newSession();
  const asked: string[][] = [];
  const waiting: (() => void)[] = [];
  model.script = (request, response) => {
    // The next tick has the body, which the stand-in reads.
    setTimeout(() => {
      asked.push(heard());
      waiting.push(() => says(`Answer ${asked.length}.`)(request, response));
    }, 50);
  };
  const first = session.ask('First?');
  await until(() => waiting.length === 1);
  const second = session.ask('Second?');
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(asked).toHaveLength(1);
  waiting.shift()?.();
  expect(await first).toBe('Answer 1.');
  await until(() => waiting.length === 1);
  waiting.shift()?.();
  expect(await second).toBe('Answer 2.');
  expect(asked[1]).toEqual(['user: First?', 'assistant: Answer 1.', 'user: Second?']);
});

test('an answer that failed leaves the conversation as it was', async () => {
  const session = newSession();
  model.script = says('Hello.');
  await session.ask('Hi.');
  model.script = stream(chunk({ content: 'Half ' }), 'data: {"choices\n\n');
  expect(await session.ask('Fail.')).toMatchObject({ error: { code: 'ModelResponseInvalid' } });
  model.script = says('Here.');
  await session.ask('Are you there?');
  expect(heard()).toEqual(['user: Hi.', 'assistant: Hello.', 'user: Are you there?']);
});

test('an answer that nobody waited for leaves the conversation as it was, and does not hold up the next', async () => {
  const session = newSession();
  const caller = new AbortController();
  let asked = false;
  model.script = () => {
    asked = true;
  };
  const lost = session.invoke({ prompt: 'Never mind.', signal: caller.signal });
  await until(() => asked);
  caller.abort();
  await expect(lost).rejects.toThrow('abort');
  model.script = says('Here.');
  expect(await session.ask('Are you there?')).toBe('Here.');
  expect(heard()).toEqual(['user: Are you there?']);
});

test('a conversation that has become too long for the model loses its older half, and is answered', async () => {
  const session = newSession();
  model.script = says('Yes.');
  for (const name of ['one', 'two', 'three', 'four']) await session.ask(name);
  const tooLong = refuseWith(400, 'context_length_exceeded');
  const readsThree: Script = (request, response) =>
    void setTimeout(() => (heard().length > 3 ? tooLong : says('I see.'))(request, response), 20);
  model.script = readsThree;
  expect(await session.ask('five')).toBe('I see.');
  expect(heard()).toEqual(['user: four', 'assistant: Yes.', 'user: five']);
});

test('a prompt that alone is too long for the model is refused', async () => {
  model.script = refuseWith(400, 'context_length_exceeded');
  model.calls = 0;
  expect(await newSession().ask('x')).toMatchObject({ error: { code: 'ModelRejectedRequest', status: 400 } });
  expect(model.calls).toBe(1);
});

test('sixteen prompts may wait for their turn; the next is refused at once', async () => {
  const session = newSession();
  const held: (() => void)[] = [];
  model.script = (request, response) => void held.push(() => says('Yes.')(request, response));
  const first = session.ask('first');
  await until(() => held.length === 1);
  const waiting = Array.from({ length: 17 }, (_, index) => session.ask(`prompt ${index}`));
  const answers = Promise.all(waiting);
  await until(() => agent.invocationLog.some(({ code }) => code === 'SessionBusy'));
  model.script = says('Yes.');
  held.shift()?.();
  expect(await first).toBe('Yes.');
  const refused = (await answers).filter((answer) => answer !== 'Yes.');
  expect(refused).toEqual([{ error: expect.objectContaining({ code: 'SessionBusy', status: 429, retryable: true }) }]);
});

test('the events of an answer tell what happened, and end with the reason and the tokens', async () => {
  const usage = (prompt_tokens: number, completion_tokens: number) =>
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens } })}\n\n`;
  const scripts = [
    stream(
      chunk({ content: 'Let me see.' }),
      chunk({ tool_calls: [toolCall('calculator', '{"expression": "1/0"}')] }),
      chunk({ tool_calls: [toolCall('weather', '{}', 1)] }),
      chunk({}, 'tool_calls'),
      usage(10, 5),
    ),
    stream(chunk({ content: 'Sunny.' }), chunk({}, 'stop'), usage(20, 2)),
  ];
  model.script = (...args) => scripts.shift()?.(...args);
  const response = await agent.invoke({ prompt: 'Hm?', accept: 'text/event-stream' });
  const events = eventsOf(await response.text());
  const results = events.filter((event) => JSON.stringify(event).startsWith('{"toolResult"'));
  expect(results).toHaveLength(2);
  expect(results).toEqual(
    expect.arrayContaining([
      { toolResult: { toolUseId: 'call_0', status: 'error' } },
      { toolResult: { toolUseId: 'call_1', status: 'success' } },
    ]),
  );
  expect(events.filter((event) => !results.includes(event))).toEqual([
    'Let me see.',
    { toolUse: { toolUseId: 'call_0', name: 'calculator', input: { expression: '1/0' } } },
    { toolUse: { toolUseId: 'call_1', name: 'weather', input: {} } },
    '\n\nSunny.',
    { messageStop: { stopReason: 'end_turn', usage: { inputTokens: 30, outputTokens: 7, totalTokens: 37 } } },
  ]);
});
