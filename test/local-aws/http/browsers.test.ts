import { request } from 'node:http';
import { stsService } from '../../../local-aws/sts/service.ts';
import { type Started, startServices } from './start-services.ts';

let started: Started;

beforeAll(async () => {
  started = await startServices(() => {}, [stsService]);
});

afterAll(() => started.close());

/** GetCallerIdentity by GET, which a browser sends without asking anybody; the status of the answer. */
async function callWith(headers: Record<string, string>): Promise<number | undefined> {
  const query = new URLSearchParams({
    Action: 'GetCallerIdentity',
    'X-Amz-Credential': 'any/20260101/us-east-1/sts/aws4_request',
  });
  const { port } = new URL(started.endpoint);
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: `/?${query}`, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once('error', reject)
      .end();
  });
}

describe('a page in a browser on this machine', () => {
  test.each<[string, Record<string, string>]>([
    ['by an image or a form', { 'sec-fetch-site': 'cross-site' }],
    ['by a script', { origin: 'https://evil.example' }],
    ['by a name of its own that leads to 127.0.0.1', { host: 'evil.example' }],
    ['by a name that only looks like ours', { host: '127.0.0.1.evil.example' }],
  ])('gains nothing %s', async (_, headers) => {
    expect(await callWith(headers)).toBe(403);
  });

  test.each<[string, Record<string, string>]>([
    ['an AWS client by address', {}],
    ['an AWS client by name', { host: 'localhost:4566' }],
    ['an AWS client with the bucket in the name', { host: 'bucket.localhost:4566' }],
    ['fetch of Node.js', { 'sec-fetch-mode': 'cors' }],
  ])('is told from %s', async (_, headers) => {
    expect(await callWith(headers)).toBe(200);
  });
});
