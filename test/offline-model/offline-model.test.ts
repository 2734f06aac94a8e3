import OpenAI from 'openai';
import { type OfflineModel, offlineKeyPrefix, startOfflineModel } from '../../offline-model/index.ts';

let model: OfflineModel;
let client: OpenAI;

beforeAll(async () => {
  model = await startOfflineModel();
  client = new OpenAI({ baseURL: model.url, apiKey: model.key, maxRetries: 0 });
});
afterAll(() => model.close());

const tools: OpenAI.ChatCompletionTool[] = ['calculator', 'weather'].map((name) => ({
  type: 'function',
  function: { name, parameters: { type: 'object' } },
}));

async function ask(messages: OpenAI.ChatCompletionMessageParam[], offered = tools) {
  const { choices, usage } = await client.chat.completions.create({ model: 'gpt-4.1-mini', messages, tools: offered });
  const { message, finish_reason } = choices[0] ?? { message: undefined, finish_reason: undefined };
  const calls = message?.tool_calls?.flatMap((call) =>
    call.type === 'function' ? [[call.function.name, JSON.parse(call.function.arguments)]] : [],
  );
  return { message, content: message?.content, calls, finish_reason, usage };
}

const question = (content: string): OpenAI.ChatCompletionMessageParam => ({ role: 'user', content });

describe('the offline model', () => {
  test('calls the calculator for arithmetic', async () => {
    const { calls, finish_reason } = await ask([question('How much is 2X2?')]);
    expect(calls).toEqual([['calculator', { expression: '2*2' }]]);
    expect(finish_reason).toBe('tool_calls');
  });

  test('answers with the result of the tool, even a wrong one: it does not calculate', async () => {
    const asked = question('How much is 2X2?');
    const { message } = await ask([asked]);
    const call = message?.tool_calls?.[0];
    if (!message || !call) throw new Error('no tool call');
    const { content } = await ask([asked, message, { role: 'tool', tool_call_id: call.id, content: '5' }]);
    expect(content).toBe('2*2 = 5.');
  });

  test('says so if the tool failed', async () => {
    const asked = question('How much is 1/0?');
    const { message } = await ask([asked]);
    const call = message?.tool_calls?.[0];
    if (!message || !call) throw new Error('no tool call');
    const { content } = await ask([
      asked,
      message,
      { role: 'tool', tool_call_id: call.id, content: '[ERROR] No result.' },
    ]);
    expect(content).toBe('The tool calculator could not do that: No result.');
  });

  test.each([
    ['What is the weather now?', {}],
    ['What is the weather in Seoul?', { place: 'Seoul' }],
    ["What's the weather like in New York today?", { place: 'New York' }],
    ['weather in são paulo', { place: 'são paulo' }],
  ])('calls the weather tool: %s', async (prompt, args) => {
    expect((await ask([question(prompt)])).calls).toEqual([['weather', args]]);
  });

  test('calls both for a question about both', async () => {
    const { calls } = await ask([question('What is the weather in Seoul, and how much is 3+4?')]);
    expect(calls).toEqual([
      ['calculator', { expression: '3+4' }],
      ['weather', { place: 'Seoul' }],
    ]);
  });

  test('calls no tool that it was not offered', async () => {
    expect(await ask([question('How much is 2X2?')], tools.slice(1))).toMatchObject({ calls: undefined });
  });

  test.each([
    ['How much is that times 10?', '4*10'],
    ['And that squared?', '4^2'],
    ['Divide it: it / 3', '4/3'],
    ['That is nice. How much is 3 + 3?', '3+3'],
  ])('remembers what was calculated before: %s', async (prompt, expression) => {
    const asked = question('How much is 2X2?');
    const { message } = await ask([asked]);
    const call = message?.tool_calls?.[0];
    if (!message || !call) throw new Error('no tool call');
    const conversation = [
      asked,
      message,
      { role: 'tool' as const, tool_call_id: call.id, content: '4' },
      { role: 'assistant' as const, content: '2*2 = 4.' },
      question(prompt),
    ];
    expect((await ask(conversation)).calls).toEqual([['calculator', { expression }]]);
  });

  test('knows of no result that was never there', async () => {
    expect((await ask([question('How much is that times 10?')])).calls).toBeUndefined();
  });

  test('says what it is to anything else', async () => {
    const { content, calls } = await ask([question('Who are you?')]);
    expect(content).toMatch(/^This is the offline model/);
    expect(calls).toBeUndefined();
  });

  test('looks at the last question only', async () => {
    const { calls } = await ask([
      question('How much is 2X2?'),
      { role: 'assistant', content: '2*2 = 4.' },
      question('What is the weather now?'),
    ]);
    expect(calls).toEqual([['weather', {}]]);
  });

  test('counts tokens', async () => {
    const { usage } = await ask([question('Who are you?')]);
    expect(usage?.prompt_tokens).toBeGreaterThan(0);
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
  });

  test('streams the same answer in several chunks, with the usage at the end', async () => {
    const messages = [question('Who are you?')];
    const chunks = await Array.fromAsync(
      await client.chat.completions.create({
        model: 'm',
        messages,
        stream: true,
        stream_options: { include_usage: true },
      }),
    );
    const texts = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').filter((text) => text !== '');
    expect(texts.length).toBeGreaterThan(3);
    expect(texts.join('')).toBe((await ask(messages)).content);
    expect(chunks.at(-1)?.usage?.total_tokens).toBeGreaterThan(0);
  });

  test('lists itself, and is whatever model it is asked for', async () => {
    const listed = await Array.fromAsync(await client.models.list());
    expect(listed.map(({ id }) => id)).toEqual(['offline-model']);
    expect(await client.models.retrieve('gpt-4.1-mini')).toMatchObject({ id: 'gpt-4.1-mini', object: 'model' });
    const stranger = new OpenAI({ baseURL: model.url, apiKey: 'sk-wrong', maxRetries: 0 });
    await expect(stranger.models.retrieve('gpt-4.1-mini')).rejects.toMatchObject({
      status: 401,
      code: 'invalid_api_key',
    });
  });

  test('remembers what it was asked', async () => {
    await ask([question('The question of this test')]);
    expect(model.requests.at(-1)).toMatchObject({
      accepted: true,
      messages: [{ content: 'The question of this test' }],
    });
  });

  test('listens on the loopback address only', () => {
    expect(new URL(model.url)).toMatchObject({ hostname: '127.0.0.1', pathname: '/v1' });
  });
});

describe('a key', () => {
  test('is made afresh for each start, and is accepted', async () => {
    const other = await startOfflineModel();
    expect(other.key).toMatch(new RegExp(`^${offlineKeyPrefix}[\\w-]{20,}$`));
    expect(other.key).not.toBe(model.key);
    await other.close();
  });

  test('of another kind is refused in the words of OpenAI, which echo a part of it', async () => {
    const stranger = new OpenAI({ baseURL: model.url, apiKey: 'sk-proj-0123456789abcdef', maxRetries: 0 });
    await expect(stranger.chat.completions.create({ model: 'm', messages: [question('Hi')] })).rejects.toMatchObject({
      status: 401,
      code: 'invalid_api_key',
      type: 'invalid_request_error',
      message: expect.stringMatching(
        /^401 Incorrect API key provided: sk-proj-\*{12}cdef\. You can find your API key at /,
      ),
    });
    expect(model.requests.at(-1)).toEqual({ accepted: false, messages: [] });
  });

  test('may be judged by a rule of the caller, which may change its mind', async () => {
    let valid = 'sk-1';
    const strict = await startOfflineModel({ acceptsKey: (key) => key === valid });
    const list = (apiKey: string) =>
      new OpenAI({ baseURL: strict.url, apiKey, maxRetries: 0 }).chat.completions.create({
        model: 'm',
        messages: [question('Hi')],
      });
    await list('sk-1');
    valid = 'sk-2';
    await expect(list('sk-1')).rejects.toMatchObject({ status: 401 });
    await list('sk-2');
    await strict.close();
  });
});

describe('close', () => {
  test('leaves nothing open, kept-alive connections included', async () => {
    const other = await startOfflineModel();
    await fetch(`${other.url}/models`, { headers: { authorization: `Bearer ${other.key}` } });
    await other.close();
    await expect(fetch(other.url)).rejects.toThrow('fetch failed');
  });

  test('gives the port back: the next start may have it, and a second one at once may not', async () => {
    const first = await startOfflineModel();
    const port = Number(new URL(first.url).port);
    await expect(startOfflineModel({ port })).rejects.toThrow('EADDRINUSE');
    await first.close();
    const second = await startOfflineModel({ port });
    expect(new URL(second.url).port).toBe(String(port));
    await second.close();
  });
});
