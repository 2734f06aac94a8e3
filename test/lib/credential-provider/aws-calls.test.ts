import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { awsCalls } from '../../../lib/credential-provider/handler/aws-calls.ts';
import { isTransient } from '../../../lib/custom-resource/handler/faults.ts';

/** An AWS that takes every request, and does with it what it is told. */
async function serverThat(reacts: (reply: ServerResponse) => void) {
  const server = createServer((_, reply) => reacts(reply));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { endpoint: `http://127.0.0.1:${port}`, close };
}

const environment = { ...process.env };

afterEach(() => {
  process.env = environment;
});

/** What became of a call, and after how many milliseconds. */
async function call(endpoint: string) {
  process.env = {
    ...environment,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  const began = performance.now();
  const failure = await awsCalls(300)
    .getProvider('name')
    .catch((error: unknown) => error);
  return { failure, took: performance.now() - began };
}

describe('a call to AWS ends as a fault of the network, which is worth another try, when', () => {
  test.each<[string, (reply: ServerResponse) => void]>([
    ['nothing comes back', () => {}],
    ['there is no end of provisional ones', (reply) => void setInterval(() => reply.writeProcessing(), 50).unref()],
    ['the answer stops in the middle', (reply) => void reply.writeHead(200, { 'content-length': '100' }).write('{')],
  ])('%s', async (_, reacts) => {
    const { endpoint, close } = await serverThat(reacts);
    const { failure, took } = await call(endpoint);
    close();
    expect(isTransient(failure)).toBe(true);
    expect(took).toBeLessThan(2_000);
  });
});
