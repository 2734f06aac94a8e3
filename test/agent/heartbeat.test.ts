import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { App } from '../../agent/src/app.ts';
import { requestLimits } from '../../agent/src/limits.ts';
import { type AgentServer, createAgentServer } from '../../agent/src/server.ts';
import { eventData } from '../../cli/invoke/server-sent-events.ts';

let goOn: () => void;
const slow: App = {
  async *answer() {
    yield 'Well …';
    await new Promise<void>((resolve) => {
      goOn = resolve;
    });
    yield ' yes.';
  },
};
let server: AgentServer;

beforeEach(async () => {
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  server = createAgentServer(async () => slow, { ...requestLimits, heartbeatMs: 20 });
  server.http.listen(0, '127.0.0.1');
  await once(server.http, 'listening');
});
afterEach(async () => {
  await server.stop(0);
  jest.restoreAllMocks();
});

const ask = (accept: string) =>
  fetch(`http://127.0.0.1:${(server.http.address() as AddressInfo).port}/invocations`, {
    method: 'POST',
    headers: { accept },
    body: '{"prompt": "Well?"}',
  });

test('an event stream that is silent for long gets comments, which no reader of events sees', async () => {
  const response = await ask('text/event-stream');
  setTimeout(() => goOn(), 110);
  const text = await response.text();
  expect(text).toMatch(/^data: "Well …"\n\n(: heartbeat\n\n){2,5}data: " yes."\n\n$/);
  expect(await Array.fromAsync(eventData(new Blob([text]).stream()))).toEqual(['"Well …"', '" yes."']);
});

test('an answer in JSON gets none', async () => {
  const response = ask('application/json');
  setTimeout(() => goOn(), 110);
  expect(await (await response).text()).toBe('"Well … yes."');
});
