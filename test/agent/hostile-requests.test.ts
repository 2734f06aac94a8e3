import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type OfflineModel, startOfflineModel } from '../../offline-model/index.ts';
import { bundleAgent } from './support/bundle-agent.ts';
import { startIdentityStandIn } from './support/identity-stand-in.ts';
import { RunningAgent, tokenHeader, until, workloadAccessToken } from './support/running-agent.ts';
import { temporaryFolder } from './support/temporary-folder.ts';
import { best, timeOf } from './support/time.ts';

const folder = temporaryFolder();
let model: OfflineModel;
let identity: Awaited<ReturnType<typeof startIdentityStandIn>>;
let agent: RunningAgent;

beforeAll(async () => {
  bundleAgent(folder.path);
  model = await startOfflineModel();
  identity = await startIdentityStandIn(model.key);
  agent = await RunningAgent.start(folder.path, { AWS_ENDPOINT_URL: identity.url, OPENAI_BASE_URL: model.url });
});
afterAll(async () => {
  await agent.stop();
  await identity.close();
  await model.close();
  folder.remove();
});

const question = '{"prompt": "How much is 2X2?"}';
const answer = '2*2 = 4.';

/** Sends bytes as they are, and gives what comes back. */
async function raw(...lines: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(agent.url).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(Buffer.from(lines.join('\r\n'), 'latin1'));
  return text(socket);
}

/** A question with these header lines, which may be what no HTTP client would send. */
function ask(...headers: readonly string[]): Promise<string> {
  return raw(
    'POST /invocations HTTP/1.1',
    'Host: agent',
    'Connection: close',
    `Content-Length: ${question.length}`,
    ...headers,
    '',
    question,
  );
}

describe('a payload', () => {
  const deep = (opening: string, closing: string, levels: number) =>
    `{"prompt": "How much is 2X2?", "x": ${opening.repeat(levels)}1${closing.repeat(levels)}}`;

  test.each([
    ['lists in lists, 400,000 deep', deep('[', ']', 400_000)],
    ['objects in objects, 100,000 deep', deep('{"a":', '}', 100_000)],
    ['50,000 members', `{${Array.from({ length: 50_000 }, (_, i) => `"a${i}":1,`).join('')}${question.slice(1)}`],
    ['a number of 900,000 digits', `{"x": ${'9'.repeat(900_000)}, ${question.slice(1)}`],
    ['a member __proto__', '{"__proto__": {"prompt": "Hi", "isAdmin": true}, "prompt": "How much is 2X2?"}'],
    ['a member constructor', '{"constructor": {"prototype": {"prompt": "Hi"}}, "prompt": "How much is 2X2?"}'],
    ['its prompt twice, the last of which counts', '{"prompt": "Hi", "prompt": "How much is 2X2?"}'],
    ['a byte order mark', `\ufeff${question}`],
  ])('with %s is a payload like any other', async (_what, body) => {
    const ask = async () => expect(await (await agent.invoke({ body })).json()).toBe(answer);
    expect(await best(() => timeOf(ask), 2000)).toBeLessThan(2000);
  });

  test.each([
    ['a prompt in __proto__ only', '{"__proto__": {"prompt": "Hi"}}', 'has no "prompt"'],
    ['a prompt that is a number', '{"prompt": 1}', 'not a string'],
    ['a prompt that is true', '{"prompt": true}', 'not a string'],
    ['a prompt that is null', '{"prompt": null}', 'not a string'],
    ['a prompt that is a list', '{"prompt": ["Hi"]}', 'not a string'],
    ['a prompt that is an object', '{"prompt": {"role": "system", "content": "Hi"}}', 'not a string'],
    ['nothing at all', '', 'is not JSON'],
    ['a million brackets', '['.repeat(1_000_000), 'is not JSON'],
    ['a form', 'prompt=How+much+is+2X2', 'is not JSON'],
    ['UTF-16', Buffer.from(question, 'utf16le'), 'is not JSON'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]), 'is not UTF-8'],
    ['half a character in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'is not UTF-8'],
  ])('with %s is refused', async (_what, body, problem) => {
    const response = await agent.invoke({ body: typeof body === 'string' ? body : new Uint8Array(body) });
    expect(await response.json()).toEqual({
      error: expect.objectContaining({ code: 'InvalidPayload', message: expect.stringContaining(problem) }),
    });
  });

  test.each(['gzip', 'br', 'deflate', 'gzip, identity', 'x-unknown'])(
    'compressed with %s is refused, and nothing is unpacked',
    async (encoding) => {
      const bomb = gzipSync(`{"prompt": "${'x'.repeat(50_000_000)}"}`);
      const headers = { ...tokenHeader, 'content-encoding': encoding };
      expect(await (await agent.invoke({ body: new Uint8Array(bomb), headers })).json()).toEqual({
        error: expect.objectContaining({
          code: 'InvalidPayload',
          message: 'The payload is compressed: send it without Content-Encoding.',
        }),
      });
    },
  );

  test.each(['application/json', 'application/octet-stream', 'text/plain', 'multipart/form-data', 'x', ''])(
    'counts for what it holds, whatever type it is said to have (%s)',
    async (type) => {
      const headers = { ...tokenHeader, 'content-type': type };
      expect(await (await agent.invoke({ body: question, headers })).json()).toBe(answer);
    },
  );

  test('may hold half a character, which the model gets as a replacement character', async () => {
    await agent.invoke({ body: '{"prompt": "half \\ud83d"}' });
    expect(JSON.stringify(model.requests.at(-1)?.messages)).toContain('half \ufffd');
  });
});

describe('a request that HTTP does not allow is refused before the agent looks at it', () => {
  test.each([
    ['two lengths', ['Content-Length: 5'], 400],
    ['a length and chunks', ['Transfer-Encoding: chunked'], 400],
    ['a length that is no number', ['Content-Length: 3x'], 400],
    ['a header without a name', [': x'], 400],
    ['white space before the colon', ['WorkloadAccessToken : x'], 400],
    ['a line folded', ['X-A: 1', ' WorkloadAccessToken: x'], 400],
    ['a bare line feed in a value', ['X-A: 1\nWorkloadAccessToken: x'], 400],
    ['NUL in a value', ['X-A: \0'], 400],
    ['33 KB of headers', [`X-A: ${'x'.repeat(33_000)}`], 431],
    ['33 KB of headers, in pieces', Array.from({ length: 3300 }, (_, i) => `X-${i}: 12345`), 431],
  ])('%s', async (_what, headers, status) => {
    expect(await ask(...headers)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await agent.ping()).status).toBe(200);
  });

  test.each([
    ['another host in the request line', 'POST http://other/invocations HTTP/1.1'],
    ['a path with a detour', 'POST /ping/../invocations HTTP/1.1'],
    ['an encoded path', 'POST /%69nvocations HTTP/1.1'],
    ['two slashes', 'POST //invocations HTTP/1.1'],
  ])('%s leads nowhere', async (_what, line) => {
    expect(await raw(line, 'Host: agent', 'Connection: close', '', '')).toMatch(/^HTTP\/1\.1 404 /);
  });

  test('headers as large as AgentCore sends them are fine', async () => {
    const token = 'x'.repeat(4096);
    const names = Object.keys(tokenHeader).map((name) => `${name}: ${token}`);
    expect(await ask(...names, `Baggage: ${'x'.repeat(8192)}`)).toContain(answer);
  });
});

describe('the workload access token', () => {
  const [older, passedOn, runtime] = Object.keys(tokenHeader) as [string, string, string];
  const conflict = 'WorkloadAccessTokenConflict';

  beforeEach(() => {
    identity.requests.length = 0;
  });

  test.each([
    ['two names that differ', [`${older}: one`, `${passedOn}: two`]],
    ['two names that differ, the other way round', [`${passedOn}: two`, `${older}: one`]],
    ['all three, one of which differs', [`${older}: one`, `${passedOn}: one`, `${runtime}: two`]],
    ['one name twice', [`${older}: one`, `${older}: two`]],
    ['one name twice, in two ways of writing', [`${passedOn}: one`, `${passedOn.toUpperCase()}: two`]],
    ['the agent’s own beside a forged one', [`${older}: ${workloadAccessToken}`, `${passedOn.toLowerCase()}: forged`]],
  ])('under %s: nobody knows which is AgentCore’s, so none is used', async (_how, headers) => {
    expect(await ask(...headers)).toContain(`"code":"${conflict}"`);
    expect(identity.requests).toEqual([]);
  });

  test.each([
    ['under all its names', [`${older}: one`, `${passedOn}: one`, `${runtime}: one`]],
    ['twice the same', [`${older}: one`, `${older.toUpperCase()}:  one `]],
    ['beside an empty one', [`${older}: one`, `${passedOn}:  `]],
  ])('%s is one token', async (_how, headers) => {
    expect(await ask(...headers)).toContain(answer);
  });

  test('that the caller may have written itself gets no key that is in memory: AgentCore is asked', async () => {
    expect(await ask(`${older}: one`)).toContain(answer);
    identity.requests.length = 0;
    identity.error = { status: 401, name: 'UnauthorizedException', message: 'Not one of ours.' };
    try {
      expect(await ask(`${passedOn}: forged`)).toContain('"code":"WorkloadAccessTokenRejected"');
      expect(identity.requests).toMatchObject([{ workloadIdentityToken: 'forged' }]);
      // The one that AgentCore Runtime delivers needs no asking.
      expect(await ask(`${older}: one`)).toContain(answer);
      expect(identity.requests).toHaveLength(1);
    } finally {
      identity.error = undefined;
    }
  });

  test('that the caller passed on rightly gets the key, with one question to AgentCore for all turns', async () => {
    expect(await ask(`${passedOn}: chained`)).toContain(answer);
    expect(identity.requests).toMatchObject([{ workloadIdentityToken: 'chained' }]);
  });

  test.each(['Authorization: Bearer x', 'X-Api-Key: x', 'X-Amzn-Bedrock-AgentCore-Runtime-User-Id: admin'])(
    'does not come from %s',
    async (header) => {
      expect(await ask(header)).toContain('"code":"WorkloadAccessTokenMissing"');
      expect(identity.requests).toEqual([]);
    },
  );
});

describe('an id that a caller made up', () => {
  const session = 'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id';
  const request = 'X-Amzn-Bedrock-AgentCore-Runtime-Request-Id';
  const forged = '{"level":"error","message":"forged"}';

  async function lineOf(...headers: readonly string[]) {
    const before = agent.invocationLog.length;
    const reply = await ask(...headers);
    await until(() => agent.invocationLog.length > before);
    // Every line is JSON, or `log` would have thrown.
    expect(agent.log.some(({ message }) => message === 'forged')).toBe(false);
    return { reply, line: agent.invocationLog.at(-1) };
  }

  test.each([
    ['with the escape sequences of a terminal (C1)', '\x9b31mred'],
    ['with letters beyond ASCII', 'S\xe9ance'],
    ['with white space, as in a second column', 'a b'],
    ['of 257 characters', 'x'.repeat(257)],
  ])('%s is left out of the log and of the answer', async (_what, id) => {
    const { reply, line } = await lineOf(`${session}: ${id}`, `${request}: ${id}`);
    expect(line?.sessionId).toBeUndefined();
    expect(line?.requestId).toMatch(/^[\da-f-]{36}$/);
    expect(reply).toContain(line?.requestId);
    expect(agent.output).not.toContain(id);
  });

  test('twice, differently, is none', async () => {
    const { line } = await lineOf(`${request}: one`, `${request.toLowerCase()}: two`);
    expect(line?.requestId).toMatch(/^[\da-f-]{36}$/);
  });

  test('like a line of the log stays inside its own', async () => {
    const { line } = await lineOf(`${session}: ${forged}`);
    expect(line?.sessionId).toBe(forged);
  });

  test('with a line break or an escape character is no HTTP', async () => {
    for (const character of ['\n', '\r', '\x1b', '\0']) {
      expect(await ask(`${request}: a${character}${forged}`)).toMatch(/^HTTP\/1\.1 400 /);
    }
    await lineOf();
    expect(agent.output).not.toContain('\x1b');
    expect(agent.log.some(({ message }) => message === 'forged')).toBe(false);
  });

  test('is looked for under the name that AgentCore was seen to use, too', async () => {
    expect((await lineOf('X-Amzn-RequestId: request-1')).line?.requestId).toBe('request-1');
  });
});

test('nothing of all that made the agent stop, or write anything but its lines', async () => {
  expect(agent.process.exitCode).toBeNull();
  expect(agent.log.filter(({ level }) => level === 'error')).toEqual([]);
  expect((await agent.ping()).status).toBe(200);
});
