import { once } from 'node:events';
import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import type { HttpRequest } from '../../../local-aws/http/message.ts';
import { listen, type RunningServer } from '../../../local-aws/http/server.ts';

let server: RunningServer;
let seen: HttpRequest[] = [];
beforeEach(async () => {
  seen = [];
  server = await listen(0, async (message) => {
    seen.push(message);
    return { status: 200, body: 'ok' };
  });
});
afterEach(() => server.close());

const url = (path: string) => `http://127.0.0.1:${server.port}${path}`;

/** The path as it is: fetch would tidy it up. */
async function get(path: string): Promise<void> {
  const [response] = await once(request({ port: server.port, host: '127.0.0.1', path }).end(), 'response');
  response.resume();
  await once(response, 'end');
}

test('the path is kept as it was sent: S3 keys hold what a URL would tidy up', async () => {
  await get('/bucket//a/../b%20c?list-type=2&prefix=x%2Fy');
  expect(seen[0]?.path).toBe('/bucket//a/../b%20c');
  expect(Object.fromEntries(seen[0]?.query ?? [])).toEqual({ 'list-type': '2', prefix: 'x/y' });
});

test('a path that is no URL is answered all the same', async () => {
  await get('//');
  expect(seen[0]?.path).toBe('//');
});

test('a body in the aws-chunked encoding arrives without signatures, lengths and trailers', async () => {
  const body = '5;chunk-signature=abc\r\nhello\r\n6\r\n\r\nmore\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n';
  await fetch(url('/'), { method: 'PUT', body, headers: { 'content-encoding': 'aws-chunked' } });
  expect(seen[0]?.body.toString()).toBe('hello\r\nmore');
});

test('a port that is taken is an error that names it', async () => {
  await expect(listen(server.port, async () => ({ status: 200 }))).rejects.toThrow(
    `Port ${server.port} of 127.0.0.1 is taken by another program: end it or choose another port with --port.`,
  );
});

test('a chunk of an impossible length ends the body', async () => {
  await fetch(url('/'), {
    method: 'PUT',
    body: '-6\r\nxxxxxxxx',
    headers: { 'content-encoding': 'aws-chunked' },
    signal: AbortSignal.timeout(2000),
  });
  expect(seen[0]?.body.length).toBe(0);
});

test('only 127.0.0.1 is listened on: no other address of this machine answers', async () => {
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
  for (const address of ['127.0.0.2', ...others]) {
    const answer = fetch(`http://${address}:${server.port}/`, { signal: AbortSignal.timeout(1000) });
    await expect(answer).rejects.toThrow();
  }
});

test('a client that goes away aborts the signal of its request', async () => {
  const aborted = Promise.withResolvers<void>();
  const slow = await listen(0, async (message) => {
    message.signal.addEventListener('abort', () => aborted.resolve());
    await aborted.promise;
    return { status: 200 };
  });
  const client = request({ port: slow.port, host: '127.0.0.1' }).end();
  client.on('error', () => undefined);
  await once(client, 'socket');
  setTimeout(() => client.destroy(), 50);
  await aborted.promise;
  await slow.close();
});
