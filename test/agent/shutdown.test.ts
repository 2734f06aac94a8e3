import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { App } from '../../agent/src/app.ts';
import { type AgentServer, createAgentServer } from '../../agent/src/server.ts';
import { eventsOf } from './support/running-agent.ts';

async function listen(app: App): Promise<{ server: AgentServer; url: string }> {
  const server = createAgentServer(async () => app);
  server.http.listen(0, '127.0.0.1');
  await once(server.http, 'listening');
  return { server, url: `http://127.0.0.1:${(server.http.address() as AddressInfo).port}/invocations` };
}

const question = { method: 'POST', body: '{"prompt": "Hi"}', headers: { accept: 'text/event-stream' } };

describe('a server that stops', () => {
  beforeEach(() => jest.spyOn(process.stdout, 'write').mockReturnValue(true));
  afterEach(() => jest.restoreAllMocks());

  test('waits for what runs', async () => {
    const goOn = Promise.withResolvers<void>();
    const { server, url } = await listen({
      async *answer() {
        yield 'First. ';
        await goOn.promise;
        yield 'Second.';
      },
    });
    const response = await fetch(url, question);
    const stopped = server.stop(10_000);
    goOn.resolve();
    expect(eventsOf(await response.text())).toEqual(['First. ', 'Second.']);
    await stopped;
  });

  test('tells the caller when it cannot wait any longer', async () => {
    const { server, url } = await listen({
      async *answer({ signal }) {
        yield 'First. ';
        await once(signal, 'abort');
        throw signal.reason;
      },
    });
    const response = await fetch(url, question);
    const stopped = server.stop(50);
    expect(eventsOf(await response.text())).toEqual([
      'First. ',
      { error: expect.objectContaining({ code: 'ShuttingDown', retryable: true, status: 503 }) },
    ]);
    await stopped;
  });

  test('closes at once if nothing runs, idle connections included', async () => {
    const { server, url } = await listen({ async *answer() {} });
    await (await fetch(url, question)).text();
    const startedAt = performance.now();
    await server.stop(10_000);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});

describe('an app that fails in a way nobody foresaw', () => {
  test('gives the caller a general sentence, and the log the details without a key', async () => {
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    const { server, url } = await listen({
      // biome-ignore lint/correctness/useYield: it fails before it has anything to say
      async *answer() {
        throw new RangeError('Something broke near sk-proj-0123456789abcdef\nin a file');
      },
    });
    const response = await fetch(url, { ...question, headers: {} });
    const logged = write.mock.calls.map(([line]) => String(line)).join('');
    write.mockRestore();
    await server.stop(1000);
    expect(await response.json()).toEqual({
      error: {
        code: 'InternalError',
        message: 'The agent failed; its log has the details under the request id.',
        retryable: false,
        status: 500,
        requestId: expect.any(String),
      },
    });
    expect(JSON.parse(logged)).toMatchObject({
      level: 'error',
      code: 'InternalError',
      detail: 'RangeError: Something broke near [redacted] in a file',
    });
  });
});
