import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CloudFormationCustomResourceResponse } from 'aws-lambda';
import { answer } from '../../../lib/credential-provider/handler/answer.ts';

const response: CloudFormationCustomResourceResponse = {
  Status: 'FAILED',
  Reason: 'x'.repeat(10_000),
  PhysicalResourceId: 'p',
  StackId: 's',
  RequestId: 'r',
  LogicalResourceId: 'l',
};

/** Stands for the place that takes the answer; refuses as often as told to, and keeps what it was sent. */
async function receiver(refusals: number) {
  const bodies: string[] = [];
  const server = createServer(async (request, reply) => {
    bodies.push((await Array.fromAsync(request)).join(''));
    reply.writeHead(bodies.length > refusals ? 200 : 500).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
}

describe('the answer to CloudFormation', () => {
  test('is sent once, and stays below the 4,096 bytes that CloudFormation reads', async () => {
    const { bodies, url, close } = await receiver(0);
    await answer(url, response);
    close();
    expect(bodies).toHaveLength(1);
    expect(bodies[0]?.length).toBeLessThan(4096);
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'p' });
  });

  test('is sent again when it was not taken', async () => {
    const { bodies, url, close } = await receiver(1);
    await answer(url, response);
    close();
    expect(bodies).toHaveLength(2);
  });
});
