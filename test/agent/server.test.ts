import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { type OfflineModel, startOfflineModel } from '../../offline-model/index.ts';
import { bundleAgent } from './support/bundle-agent.ts';
import { startIdentityStandIn } from './support/identity-stand-in.ts';
import { eventsOf, RunningAgent, textOf, tokenHeader, until } from './support/running-agent.ts';
import { chunk, type Script, startScriptedModel, stream, toolCall } from './support/scripted-model.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

type Identity = Awaited<ReturnType<typeof startIdentityStandIn>>;

const folder = temporaryFolder();
let model: OfflineModel;
let identity: Identity;
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

describe('a question', () => {
  test('is answered with what the calculator calculated', async () => {
    const before = model.requests.length;
    expect(await agent.ask('How much is 2X2?')).toBe('2*2 = 4.');
    const conversation = model.requests.at(-1)?.messages.map(({ role, content }) => ({ role, content }));
    expect(model.requests.length - before).toBe(2);
    expect(conversation?.at(-1)).toEqual({ role: 'tool', content: '4' });
  });

  test('is answered with what the weather tool says of the place', async () => {
    expect(await agent.ask('What is the weather in Seoul?')).toBe('The weather in Seoul is sunny.');
    expect(await agent.ask('What is the weather now?')).toBe('The weather is sunny.');
  });

  test('may need two tools at once', async () => {
    expect(await agent.ask('What is the weather in Oslo, and how much is 12 / 4 + 1?')).toBe(
      '12/4+1 = 4. The weather in Oslo is sunny.',
    );
  });

  test('that a tool cannot work out gets the words of the tool', async () => {
    expect(await agent.ask('How much is 1 / 0?')).toMatch(/Division by zero/);
  });

  test('starts afresh: it brings nothing along from the one before', async () => {
    await agent.ask('Remember the number 42.');
    await agent.ask('Hello.');
    expect(JSON.stringify(model.requests.at(-1)?.messages)).not.toContain('42');
  });
});

describe('an answer', () => {
  const question = 'What is the weather in Seoul, and how much is 2 times 3?';

  test('is one JSON string for those who do not ask for events', async () => {
    for (const accept of ['application/json', '*/*', undefined]) {
      const response = await agent.invoke({ prompt: question, ...(accept ? { accept } : {}) });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await response.json()).toBe('2*3 = 6. The weather in Seoul is sunny.');
    }
  });

  test('is the same text in several events for those who do', async () => {
    const response = await agent.invoke({ prompt: question, accept: 'text/event-stream' });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const events = eventsOf(await response.text());
    expect(events.length).toBeGreaterThan(2);
    expect(textOf(events)).toBe('2*3 = 6. The weather in Seoul is sunny.');
  });
});

describe('the path', () => {
  test.each([
    ['GET', '/', 404],
    ['POST', '/ping/', 404],
    ['GET', '/constructor', 404],
    ['GET', '/invocations', 405],
    ['POST', '/ping', 405],
  ])('%s %s is answered with %d', async (method, path, status) => {
    const response = await fetch(`${agent.url}${path}`, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get('allow')).toBe(
      { '/invocations': 'POST', '/ping': 'GET' }[status === 405 ? path : ''] ?? null,
    );
  });
});

describe('a payload that the agent cannot use', () => {
  const tooLarge = JSON.stringify({ prompt: 'x'.repeat(1024 * 1024) });

  test.each([
    ['not JSON', 'What is the weather?', 'InvalidPayload', 400],
    ['without a prompt', '{"question": "What?"}', 'InvalidPayload', 400],
    ['with an empty prompt', '{"prompt": ""}', 'InvalidPayload', 400],
    ['not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'InvalidPayload', 400],
    ['larger than 1 MB', tooLarge, 'PayloadTooLarge', 413],
  ])('(%s) gets an error in a 200, as AgentCore would replace any other answer', async (_what, body, code, status) => {
    const headers = { ...tokenHeader, 'X-Amzn-Bedrock-AgentCore-Runtime-Request-Id': 'request-1' };
    const response = await agent.invoke({ body, headers });
    expect(response.status).toBe(200);
    const { error } = (await response.json()) as { error: { message: string } };
    expect(error).toEqual({ code, message: expect.any(String), retryable: false, status, requestId: 'request-1' });
    expect(error.message).toMatch(/^The payload .*\.$/);
  });

  test('gets the same error as the only event of an event stream', async () => {
    const response = await agent.invoke({ body: '{}', accept: 'text/event-stream' });
    expect(eventsOf(await response.text())).toEqual([
      { error: expect.objectContaining({ code: 'InvalidPayload', requestId: expect.any(String) }) },
    ]);
  });

  test('is refused as soon as it is too large, also if its size was not announced', async () => {
    const upload = request(`${agent.url}/invocations`, { method: 'POST' });
    upload.on('error', () => {});
    upload.write(tooLarge);
    const [response] = await once(upload, 'response');
    expect(response.statusCode).toBe(200);
    upload.destroy();
  });

  test('does not reach the model', async () => {
    const before = model.requests.length;
    await agent.invoke({ body: '{}' });
    expect(model.requests).toHaveLength(before);
  });
});

describe('the log', () => {
  test('has one line for each invocation, with the ids of the request', async () => {
    const headers = {
      ...tokenHeader,
      'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id': 'session-of-the-test',
      'X-Amzn-Bedrock-AgentCore-Runtime-Request-Id': 'request-of-the-test',
    };
    await agent.ask('How much is 2X2?', { headers });
    const lines = () => agent.log.filter(({ requestId }) => requestId === 'request-of-the-test');
    await until(() => lines().length > 0);
    expect(lines()).toEqual([
      {
        timestamp: expect.any(String),
        level: 'info',
        message: 'invocation succeeded',
        sessionId: 'session-of-the-test',
        requestId: 'request-of-the-test',
        // As the model provider counted them: what the agent costs.
        inputTokens: expect.any(Number),
        outputTokens: expect.any(Number),
        durationMs: expect.any(Number),
      },
    ]);
  });

  test('never has a prompt, an answer, a key or a token', async () => {
    await agent.ask('How much is 7 times 1914191?');
    expect(agent.output).not.toMatch(/1914191|13399337/);
    expect(agent.output).not.toContain(model.key);
    expect(agent.output).not.toContain(Object.values(tokenHeader)[0]);
  });
});

describe('with a model that does what the test says', () => {
  let scripted: Awaited<ReturnType<typeof startScriptedModel>>;
  let scriptedAgent: RunningAgent;

  beforeAll(async () => {
    scripted = await startScriptedModel();
    scriptedAgent = await RunningAgent.start(folder.path, {
      AWS_ENDPOINT_URL: identity.url,
      OPENAI_BASE_URL: scripted.url,
    });
  });
  afterAll(async () => {
    await scriptedAgent.stop();
    await scripted.close();
  });

  /** Says one piece, and the rest when the test lets it. */
  function pausing(): { script: Script; goOn: () => void; closed: Promise<void> } {
    const goOn = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    return {
      goOn: goOn.resolve,
      closed: closed.promise,
      script: (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(chunk({ content: 'First. ' }));
        response.once('close', closed.resolve);
        void goOn.promise.then(() =>
          response.end(`${chunk({ content: 'Second.' })}${chunk({}, 'stop')}data: [DONE]\n\n`),
        );
      },
    };
  }

  async function ping() {
    return (await (await scriptedAgent.ping()).json()) as { status: string; time_of_last_update: number };
  }

  test('a piece of the answer reaches the caller before the model has said the next', async () => {
    const { script, goOn } = pausing();
    scripted.script = script;
    const response = await scriptedAgent.invoke({ prompt: 'Hi', accept: 'text/event-stream' });
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toBe('data: "First. "\n\n');
    goOn();
    let rest = '';
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      rest += new TextDecoder().decode(next.value);
    }
    expect(rest).toBe('data: "Second."\n\ndata: {"messageStop":{"stopReason":"end_turn"}}\n\n');
  });

  test('a ping says HealthyBusy while an invocation runs, and the time of the last change', async () => {
    await until(() => scriptedAgent.invocationLog.length === 1);
    const idle = await ping();
    expect(idle).toEqual({ status: 'Healthy', time_of_last_update: expect.any(Number) });
    expect(Math.abs(idle.time_of_last_update - Date.now() / 1000)).toBeLessThan(60);

    const { script, goOn } = pausing();
    scripted.script = script;
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await ping()).toEqual(idle);
    const answer = scriptedAgent.ask('Hi');
    await until(() => scripted.calls === 2);
    const busy = await ping();
    expect(busy.status).toBe('HealthyBusy');
    expect(busy.time_of_last_update).toBeGreaterThan(idle.time_of_last_update);
    goOn();
    await answer;
    expect((await ping()).status).toBe('Healthy');
  });

  test('the model call is cancelled when the caller goes away', async () => {
    const { script, closed } = pausing();
    scripted.script = script;
    const caller = new AbortController();
    const response = await scriptedAgent.invoke({ prompt: 'Hi', accept: 'text/event-stream', signal: caller.signal });
    await response.body?.getReader().read();
    caller.abort();
    await closed;
    await until(() => scriptedAgent.invocationLog.some(({ code }) => code === 'ClientClosedRequest'));
    expect((await ping()).status).toBe('Healthy');
  });

  test('what it says before and after a tool call are two paragraphs, streamed or not', async () => {
    const answers = [
      stream(
        chunk({ content: 'Let me see.' }),
        chunk({ tool_calls: [toolCall('weather', '{}')] }),
        chunk({}, 'tool_calls'),
      ),
      stream(chunk({ content: 'It is sunny.' }), chunk({}, 'stop')),
    ];
    const inTurn = (): Script => {
      let turn = 0;
      return (...args) => answers[turn++]?.(...args);
    };
    scripted.script = inTurn();
    expect(await scriptedAgent.ask('Weather?')).toBe('Let me see.\n\nIt is sunny.');
    scripted.script = inTurn();
    const response = await scriptedAgent.invoke({ prompt: 'Weather?', accept: 'text/event-stream' });
    expect(textOf(eventsOf(await response.text()))).toBe('Let me see.\n\nIt is sunny.');
  });

  test('SIGTERM lets what runs finish, takes nothing new, and ends with status 0', async () => {
    const stopped = await RunningAgent.start(folder.path, {
      AWS_ENDPOINT_URL: identity.url,
      OPENAI_BASE_URL: scripted.url,
    });
    const { script, goOn } = pausing();
    scripted.script = script;
    const calls = scripted.calls;
    const answer = stopped.ask('Hi');
    await until(() => scripted.calls === calls + 1);
    const ended = once(stopped.process, 'close');
    stopped.process.kill('SIGTERM');
    await until(() => stopped.log.some(({ message }) => message === 'stopping'));
    await expect(fetch(`${stopped.url}/ping`, { headers: { connection: 'close' } })).rejects.toThrow('fetch failed');
    goOn();
    expect(await answer).toBe('First. Second.');
    expect(await ended).toEqual([0, null]);
  });
});

describe('the start', () => {
  test('answers the first ping before the heavy modules are loaded', async () => {
    // Without its chunk the app cannot load: only what does not need it can work.
    const broken = temporaryFolder();
    bundleAgent(broken.path);
    for (const name of readdirSync(`${broken.path}/chunks`))
      if (name.startsWith('app-')) rmSync(`${broken.path}/chunks/${name}`);
    const started = await RunningAgent.start(broken.path);
    expect(await (await started.ping()).json()).toMatchObject({ status: 'Healthy' });
    const [status] = await once(started.process, 'close');
    expect(status).toBe(1);
    expect(started.log.at(-1)?.message).toMatch(/^The agent cannot start: /);
    broken.remove();
  });

  test('with wrong settings ends with status 1 and one line that says which', async () => {
    const started = await RunningAgent.start(folder.path, { CREDENTIAL_PROVIDER_NAME: '' });
    expect(started.url).toBe('');
    expect(started.process.exitCode).toBe(1);
    expect(started.log).toEqual([
      {
        timestamp: expect.any(String),
        level: 'error',
        message: expect.stringMatching(/^CREDENTIAL_PROVIDER_NAME is not set, but must be /),
      },
    ]);
  });

  test('on a port that is taken ends with status 1 and one line that says so', async () => {
    const started = await RunningAgent.start(folder.path, { PORT: new URL(agent.url).port });
    expect(started.process.exitCode).toBe(1);
    expect(started.log).toEqual([expect.objectContaining({ message: expect.stringContaining('EADDRINUSE') })]);
  });

  test('survives a connection that sends no HTTP', async () => {
    const socket = connect(Number(new URL(agent.url).port), '127.0.0.1');
    socket.end('nonsense\r\n\r\n');
    await once(socket.resume(), 'close');
    expect((await agent.ping()).status).toBe(200);
  });
});
