import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CloudFormationCustomResourceResponse } from 'aws-lambda';
import { answer } from '../../../lib/custom-resource/handler/answer.ts';

const response: CloudFormationCustomResourceResponse = {
  Status: 'FAILED',
  Reason: 'x'.repeat(10_000),
  PhysicalResourceId: 'p',
  StackId: 's',
  RequestId: 'r',
  LogicalResourceId: 'l',
};

let log: Record<string, string>[];
const send = (url: string) => answer(url, response, (entry) => void log.push(entry));

beforeEach(() => {
  log = [];
});

/** Stands for the place that takes the answer; refuses, or says nothing, as often as told to, and keeps what it was sent. */
async function receiver({ refusals = 0, silences = 0 }) {
  const bodies: string[] = [];
  const server = createServer(async (request, reply) => {
    bodies.push((await Array.fromAsync(request)).join(''));
    if (bodies.length <= silences) return;
    reply.writeHead(bodies.length > silences + refusals ? 200 : 503).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { bodies, url: `http://127.0.0.1:${port}/bucket?X-Amz-Signature=secret`, close };
}

describe('the answer to CloudFormation', () => {
  test('is sent once, and stays below the 4,096 bytes that CloudFormation reads', async () => {
    const { bodies, url, close } = await receiver({});
    await send(url);
    close();
    expect(bodies).toHaveLength(1);
    expect(bodies[0]?.length).toBeLessThan(4096);
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'p' });
    expect(log).toEqual([]);
  });

  test('is sent again when it was not taken', async () => {
    const { bodies, url, close } = await receiver({ refusals: 1 });
    await send(url);
    close();
    expect(bodies).toHaveLength(2);
    expect(log).toEqual([]);
  });

  test('is sent again when the other side says nothing for two and a half seconds', async () => {
    const { bodies, url, close } = await receiver({ silences: 1 });
    const began = performance.now();
    await send(url);
    close();
    expect(bodies).toHaveLength(2);
    expect(performance.now() - began).toBeLessThan(4_000);
  });

  describe('that is taken in none of five tries is one line of the log, without the URL, and no error', () => {
    const line = (problem: string) => ({
      level: 'error',
      message: `CloudFormation did not take the answer FAILED: ${problem}`,
      stackId: 's',
      logicalId: 'l',
    });

    test('because it is refused', async () => {
      const { bodies, url, close } = await receiver({ refusals: Number.POSITIVE_INFINITY });
      await send(url);
      close();
      expect(bodies).toHaveLength(5);
      expect(log).toEqual([line('status 503')]);
    });

    test('because nobody is there', async () => {
      const { url, close } = await receiver({});
      close();
      await send(url);
      expect(log).toEqual([line('ECONNREFUSED')]);
    });

    test('because the URL is none', async () => {
      await send('X-Amz-Signature=secret');
      expect(log).toEqual([line('ERR_INVALID_URL')]);
    });
  });
});
