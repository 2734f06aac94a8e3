import type { ServerResponse } from 'node:http';
import { smokeTest } from '../../../cli/release/smoke-test.ts';
import { type HttpServer, startHttpServer } from '../../agent/support/http-server.ts';

const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
const runtimeArn = 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/agent-1234567890';
const question = { runtimeArn, qualifier: 'DEFAULT', userId: 'tester', prompt: 'How much is 2X2?', environment: 'dev' };

type Answer = (response: ServerResponse) => void;

const events =
  (...all: readonly unknown[]): Answer =>
  (response) => {
    response.setHeader('content-type', 'text/event-stream');
    response.end(all.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
  };
const error = (code: string, retryable: boolean) =>
  events('It is ', { error: { code, message: 'The words of the agent.', retryable } });
const end = { messageStop: { stopReason: 'end_turn' } };

let server: HttpServer;
let answers: Answer[];
let sessions: (string | undefined)[];

beforeAll(async () => {
  server = await startHttpServer((request, response) => {
    sessions.push(request.headers['x-amzn-bedrock-agentcore-runtime-session-id'] as string | undefined);
    request.resume().once('end', () => answers.shift()?.(response));
  });
});
beforeEach(() => {
  answers = [];
  sessions = [];
});
afterAll(() => server.close());

const run = (longest?: number) =>
  smokeTest({ region: 'us-east-1', endpoint: server.url, credentials } as { region: string }, question, longest);

describe('the smoke test', () => {
  test('passes with a text that is whole', async () => {
    answers.push(events('2*2 ', { toolUse: { toolUseId: '1', name: 'calculator', input: {} } }, '= 4.', end));
    expect(await run()).toBe('2*2 = 4.');
  });

  test.each<[string, Answer, RegExp]>([
    ['that breaks off', events('2*2'), /^the answer broke off$/],
    ['without a word', events(end), /^the answer is empty$/],
    ['of white space', events(' \n', end), /^the answer is empty$/],
    ['that is not streamed', (response) => response.end('"4"'), /^the answer broke off$/],
    ['that is an error', error('ModelNotFound', false), /^ModelNotFound: The words of the agent\.$/],
    [
      'that is a refused key',
      error('ModelKeyRefused', false),
      /^ModelKeyRefused: The words of the agent\. Store one: npm run set-key -- --environment dev\.$/,
    ],
    [
      'of a container that failed',
      (response) => {
        response.writeHead(424, { 'x-amzn-errortype': 'RuntimeClientError' });
        response.end('{"message":"Received error (500) from runtime."}');
      },
      /^RuntimeClientError: Received error \(500\) from runtime\.$/,
    ],
  ])('fails with an answer %s, and asks once', async (_, answer, words) => {
    answers.push(answer, events('4', end));
    const failure = { name: 'UserError', message: expect.stringMatching(words) };
    await expect(run()).rejects.toMatchObject(failure);
    expect(sessions).toHaveLength(1);
  });

  test('asks once more, in another session, what the agent calls worth another try', async () => {
    answers.push(error('ModelThrottled', true), events('4', end));
    expect(await run()).toBe('4');
    expect(new Set(sessions).size).toBe(2);
  });

  test('and no third time', async () => {
    answers.push(error('ModelThrottled', true), error('ModelUnavailable', true), events('4', end));
    await expect(run()).rejects.toThrow(/^ModelUnavailable: /);
    expect(sessions).toHaveLength(2);
  });

  test('waits for an answer no longer than it may take', async () => {
    answers.push((response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.write('data: "2*2"\n\n');
    });
    await expect(run(300)).rejects.toThrow(/^no whole answer came within 0\.3 seconds$/);
  });
});
