import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { App } from '../../agent/src/app.ts';
import { type RequestLimits, requestLimits } from '../../agent/src/limits.ts';
import { type AgentServer, createAgentServer } from '../../agent/src/server.ts';

const endless: App = {
  async *answer({ signal }) {
    while (!signal.aborted) yield 'x'.repeat(64 * 1024);
  },
};
const quick: RequestLimits = { headerBytes: 4096, headersMs: 200, bodyMs: 200, unreadMs: 200, heartbeatMs: 50 };

let server: AgentServer;
let socket: Socket;
let logged: string[];

beforeEach(async () => {
  logged = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((line) => logged.push(String(line)) > 0);
  server = createAgentServer(async () => endless, quick);
  server.http.listen(0, '127.0.0.1');
  await once(server.http, 'listening');
  socket = connect((server.http.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
});
afterEach(async () => {
  socket.destroy();
  await server.stop(0);
  jest.restoreAllMocks();
});

const head = (more: string) => `POST /invocations HTTP/1.1\r\nHost: agent\r\n${more}`;

/** Sends one byte now and then, as long as somebody is there. */
function drip(): () => void {
  const timer = setInterval(() => socket.write('a'), 20);
  socket.once('close', () => clearInterval(timer));
  return () => clearInterval(timer);
}

/** What came until the connection ended, which may be nothing: a reset takes it along. */
async function answer(): Promise<string> {
  const startedAt = performance.now();
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)));
  await new Promise((resolve) => socket.once('close', resolve));
  expect(performance.now() - startedAt).toBeLessThan(3000);
  return Buffer.concat(chunks).toString();
}

describe('a caller that takes its time is not waited for', () => {
  test('with the headers of a request', async () => {
    socket.write(head('X-Slow: '));
    const stop = drip();
    expect(await answer()).toMatch(/^$|^HTTP\/1\.1 408 /);
    stop();
    expect(logged).toEqual([]);
  });

  test.each([
    ['of a known length', 'Content-Length: 100000\r\n\r\n'],
    ['of an unknown length', 'Transfer-Encoding: chunked\r\n\r\nfffff\r\n'],
    ['as events', 'Accept: text/event-stream\r\nContent-Length: 100000\r\n\r\n'],
  ])('with a payload %s: it gets an error, and the connection ends', async (_how, headers) => {
    socket.write(head(headers));
    const stop = drip();
    expect(await answer()).toContain('"code":"PayloadTimeout","message":"The payload was not there after 0.2 s."');
    stop();
    expect(logged.join('')).toContain('"code":"PayloadTimeout"');
  });

  test('with reading: what runs for it is ended', async () => {
    const body = '{"prompt": "Hi"}';
    socket.pause();
    socket.write(head(`Accept: text/event-stream\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
    for (const end = Date.now() + 4000; logged.length === 0 && Date.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(JSON.parse(logged[0] ?? '{}')).toMatchObject({
      code: 'ClientClosedRequest',
      reason: 'The caller read nothing of the answer for 0.2 s.',
    });
  });

  test('with going: a payload that never ends after its refusal is read no further', async () => {
    socket.write(head('Transfer-Encoding: chunked\r\n\r\n'));
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const timer = setInterval(() => socket.write(chunk), 1);
    socket.once('close', () => clearInterval(timer));
    await answer();
    expect(logged.join('')).toContain('"code":"PayloadTooLarge"');
  });
});

test('the real limits are seconds, and headers of 32 KB', () => {
  expect(requestLimits).toEqual({
    headerBytes: 32_768,
    headersMs: 10_000,
    bodyMs: 30_000,
    unreadMs: 60_000,
    heartbeatMs: 15_000,
  });
});
