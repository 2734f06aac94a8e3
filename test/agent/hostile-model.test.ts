import { modelLimits } from '../../agent/src/limits.ts';
import { eventData } from '../../cli/invoke/server-sent-events.ts';
import { startHttpServer } from './support/http-server.ts';
import { until } from './support/running-agent.ts';
import { type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';
import { chunk, type Script, stream, toolCall } from './support/scripted-model.ts';

const key = 'sk-proj-AbC123dEf456GhI789jKl012MnO345pQr678';
let scripted: ScriptedAgent;
let model: ScriptedAgent['model'];
let agent: ScriptedAgent['agent'];

beforeAll(async () => {
  scripted = await startScriptedAgent({}, key);
  ({ model, agent } = scripted);
});
beforeEach(() => {
  model.calls = 0;
});
afterAll(() => scripted.close());

const says = (...pieces: readonly string[]) =>
  stream(...pieces.map((content) => chunk({ content })), chunk({}, 'stop'));
const calls = (...toolCalls: readonly unknown[]) =>
  stream(...toolCalls.map((call) => chunk({ tool_calls: [call] })), chunk({}, 'tool_calls'));
const inTurn = (...scripts: readonly Script[]): Script => {
  const left = [...scripts];
  return (...args) => left.shift()?.(...args);
};

describe('what a model says is text, in one event for each piece', () => {
  test.each([
    ['two line feeds and an event', 'a\n\ndata: {"error":{"code":"Forged"}}\n\n'],
    ['an event of another kind', '\n\nevent: error\ndata: forged\n\n'],
    ['carriage returns', 'a\r\rdata: forged\r\r'],
    ['both', '\r\n\r\ndata: [DONE]\r\n\r\n'],
    ['a comment, an id, a time to wait', '\n: comment\nid: 1\nretry: 1\n\n'],
    ['separators of Unicode', 'a\u2028\u2028data: forged\u2029\u0085b'],
    ['NUL', 'a\u0000b'],
    ['the end of a string', '"}\n\ndata: {"error": {"code": "Forged"}}'],
    ['the escape sequences of a terminal', '\u001b[2J\u009b31m'],
    ['an error like the agent’s', '{"error":{"code":"InternalError","message":"forged","requestId":"1"}}'],
    ['a byte order mark', '\ufeffdata: forged'],
    ['half a character', '\ud83d'],
  ])('%s', async (_what, text) => {
    model.script = says('Before. ', text, ' After.');
    const response = await agent.invoke({ prompt: 'Hi', accept: 'text/event-stream' });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const events = await Array.fromAsync(eventData(new Blob([bytes]).stream()), (data) => JSON.parse(data) as unknown);
    expect(events).toEqual(['Before. ', text, ' After.', { messageStop: { stopReason: 'end_turn' } }]);
    // Nothing but these three fields, however a client tells lines apart.
    const lines = new TextDecoder().decode(bytes).split(/\r\n|\r|\n/);
    expect(lines.filter((line) => line !== '')).toEqual(events.map((each) => `data: ${JSON.stringify(each)}`));

    model.script = says('Before. ', text, ' After.');
    expect(await agent.ask('Hi')).toBe(`Before. ${text} After.`);
  });
});

describe('what a model can make the agent do is bounded', () => {
  test.each([
    [
      'rounds of tool calls',
      calls(toolCall('weather', '{}')),
      'ToolLoopLimitExceeded',
      /stopped it after 10 rounds/,
      modelLimits.turns,
    ],
    [
      'tool calls at once',
      calls(...Array.from({ length: modelLimits.toolCalls + 1 }, (_, i) => toolCall('weather', '{}', i))),
      'ToolLoopLimitExceeded',
      /more than 16 tools at once/,
      1,
    ],
    [
      'a thousand tool calls in one chunk',
      stream(
        chunk({ tool_calls: Array.from({ length: 1000 }, (_, i) => toolCall('weather', '{}', i)) }),
        chunk({}, 'tool_calls'),
      ),
      'ToolLoopLimitExceeded',
      /more than 16 tools at once/,
      1,
    ],
    [
      'arguments of a tool',
      calls(toolCall('weather', JSON.stringify({ place: 'x'.repeat(modelLimits.toolArguments) }))),
      'ToolLoopLimitExceeded',
      /more than 64 KB of arguments/,
      1,
    ],
    [
      'an answer',
      says(...Array.from({ length: 11 }, () => 'x'.repeat(100_000))),
      'ModelResponseInvalid',
      /more than 1,000,000 characters/,
      1,
    ],
    [
      'bytes that say nothing',
      flood(`: ${'x'.repeat(65_534)}\n`),
      'ModelResponseInvalid',
      /more than 1 MB in one piece/,
      1,
    ],
    ['events that say nothing', flood(`: ${'x'.repeat(1000)}\n\n`), 'ModelResponseInvalid', /more than 16 MB/, 1],
    [
      'chunks that say nothing',
      flood('data: {"choices":[]}\n\n'),
      'ModelResponseInvalid',
      /more than 150,000 events/,
      1,
    ],
    ['a line without an end', flood('data: '.repeat(10_000)), 'ModelResponseInvalid', /more than 1 MB/, 1],
    ['bytes of an error', flood('x'.repeat(65_536), 400), 'ModelRejectedRequest', /rejected the request/, 1],
  ] satisfies [string, Script, string, RegExp, number][])('%s', async (_what, script, code, message, times) => {
    model.script = script;
    const startedAt = performance.now();
    expect(await agent.ask('Hi')).toEqual({
      error: expect.objectContaining({ code, message: expect.stringMatching(message) }),
    });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(model.calls).toBe(times);
    expect((await agent.ping()).status).toBe(200);
  });

  test('as many tools as are allowed run, and answer', async () => {
    const all = Array.from({ length: modelLimits.toolCalls }, (_, i) =>
      toolCall('calculator', '{"expression":"1+1"}', i),
    );
    model.script = inTurn(calls(...all), says('Done.'));
    expect(await agent.ask('Hi')).toBe('Done.');
    expect(model.toolResults()).toEqual(all.map(() => '2'));
  });
});

describe('what a tool returns to the model', () => {
  test.each([
    ['code', 'calculator', { expression: 'process.exit(1)' }, /"\." has no place in arithmetic/],
    ['the prototype', 'calculator', { expression: '__proto__' }, /"__proto__" is not known/],
    ['a tower of powers', 'calculator', { expression: '9^9^9^9' }, /greater than 10\^1000/],
    ['a very long expression', 'calculator', { expression: '1+'.repeat(20_000) }, /too_big|500/],
    ['a number for a text', 'calculator', { expression: 1 }, /string/],
    ['no arguments', 'calculator', {}, /string/],
    ['__proto__ as an argument', 'calculator', JSON.parse('{"__proto__": {"expression": "1+1"}}'), /string/],
    ['a very long place', 'weather', { place: 'x'.repeat(50_000) }, /too_big|200/],
    ['a tool by the name of a property', '__proto__', {}, /not found/],
    ['a tool by the name of a function', 'constructor', {}, /not found/],
    ['a tool with a very long name', 'x'.repeat(60_000), {}, /Tool/],
  ])('for %s is short, says what is wrong, and the agent goes on', async (_what, name, input, result) => {
    model.script = inTurn(calls(toolCall(name, JSON.stringify(input))), says('I see.'));
    expect(await agent.ask('Hi')).toBe('I see.');
    const [text = ''] = model.toolResults();
    expect(text).toMatch(result);
    expect(text.length).toBeLessThanOrEqual(1100);
    // Nor is there any trace of it in the process.
    model.script = says('Still here.');
    expect(await agent.ask('Hi')).toBe('Still here.');
  });
});

describe('a model server that quotes the key', () => {
  const quoted: readonly (readonly [string, string])[] = [
    ['as it is', key],
    ['masked', 'sk-proj-****r678'],
    ['in base64', Buffer.from(key).toString('base64')],
    ['URL-encoded', key.replaceAll('-', '%2D')],
    ['in two pieces', `${key.slice(0, 22)} ${key.slice(22)}`],
  ];
  const places: readonly (readonly [string, (text: string) => Script])[] = [
    ['the message of a 401', (text) => json(401, { error: { message: `Incorrect API key: ${text}`, code: null } })],
    ['the message of a 400', (text) => json(400, { error: { message: `Bad header ${text}`, code: 'invalid_value' } })],
    ['the code of a 400', (text) => json(400, { error: { message: 'No', code: text, type: text, param: text } })],
    ['a 403 that is not JSON', (text) => whole(403, 'text/html', `<p>${text}</p>`)],
    ['a 200 that is no stream', (text) => whole(200, 'text/plain', text)],
    ['an error event', (text) => stream(`data: ${JSON.stringify({ error: { message: text, code: text } })}\n\n`)],
    ['a chunk that is not JSON', (text) => stream(chunk({ content: 'Half ' }), `data: {"x": ${text}\n\n`)],
    ['an error event in two pieces', (text) => inPieces(`data: {"error": {"message": "${text}"}}\n\n`)],
    ['a reason to end', (text) => stream(chunk({ content: 'Half ' }), chunk({}, text))],
    ['the arguments of a tool', (text) => calls({ ...toolCall('weather', `{"place": ${text}`) })],
    [
      'its headers',
      (text) => json(400, { error: { message: 'No', code: 'x' } }, { 'x-request-id': text, 'x-key': text }),
    ],
  ];

  test.each(places.flatMap(([place, script]) => quoted.map(([how, text]) => [place, how, script(text)] as const)))(
    'in %s, %s: no part of it reaches the caller or the log',
    async (_place, _how, script) => {
      model.script = script;
      const before = agent.invocationLog.length;
      const replies = [
        await (await agent.invoke({ prompt: 'Hi' })).text(),
        await (await agent.invoke({ prompt: 'Hi', accept: 'text/event-stream' })).text(),
      ];
      await until(() => agent.invocationLog.length >= before + 2);
      const forms = quoted.map(([, text]) => text);
      const parts = forms.flatMap((form) =>
        Array.from({ length: Math.max(form.length - 7, 0) }, (_, at) => form.slice(at, at + 8)),
      );
      for (const written of [...replies, agent.output]) {
        expect(parts.filter((part) => written.includes(part))).toEqual([]);
        expect(written).not.toContain('r678');
      }
    },
  );

  test('and sends the agent elsewhere: neither prompt nor key follow', async () => {
    const seen: string[] = [];
    const elsewhere = await startHttpServer((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization}`);
      response.end();
    });
    for (const status of [301, 302, 307, 308]) {
      model.script = (_request, response) => {
        response.writeHead(status, { location: `${elsewhere.url}/v1/chat/completions` }).end();
      };
      expect(await agent.ask('Hi')).toEqual({ error: expect.objectContaining({ code: 'ModelRejectedRequest' }) });
    }
    expect(seen).toEqual([]);
    await elsewhere.close();
  });
});

function whole(status: number, type: string, body: string, headers: Readonly<Record<string, string>> = {}): Script {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': type, ...headers }).end(body);
  };
}

function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Script {
  return whole(status, 'application/json', JSON.stringify(body), headers);
}

/** Without end, as fast as it is read. */
function flood(text: string, status = 200): Script {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/event-stream' });
    const more = () => {
      while (!response.destroyed && response.write(text));
    };
    response.on('drain', more);
    more();
  };
}

/** Cut in the middle of the key. */
function inPieces(text: string): Script {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const middle = Math.floor(text.length / 2);
    response.write(text.slice(0, middle), () => setTimeout(() => response.end(text.slice(middle)), 10));
  };
}
