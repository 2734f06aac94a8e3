import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventsOf, type RunningAgent, textOf, tokenHeader, until } from './support/running-agent.ts';
import { type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';
import { chunk, type Script, stream } from './support/scripted-model.ts';

jest.setTimeout(30_000);

let scripted: ScriptedAgent;
let agent: RunningAgent;

beforeEach(async () => {
  scripted = await startScriptedAgent({ MODEL_TIMEOUT_SECONDS: '60', IDENTITY_TIMEOUT_SECONDS: '60' });
  ({ agent } = scripted);
});
afterEach(() => scripted.close());

const says = (text: string) => stream(chunk({ content: text }), chunk({}, 'stop'));
const never: Script = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(chunk({ content: 'Half an ' }));
};
const inSession = {
  ...tokenHeader,
  'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id': 'session-that-is-stopped'.padEnd(33, '0'),
};

/** Sends the signal, and tells how the process ended and after how many milliseconds. */
async function end(...signals: readonly NodeJS.Signals[]): Promise<{ status: unknown; took: number }> {
  const startedAt = performance.now();
  const closed = once(agent.process, 'close');
  for (const signal of signals) {
    agent.process.kill(signal);
    await sleep(50);
  }
  const [status] = await closed;
  return { status, took: performance.now() - startedAt };
}

const lines = (message: string) => agent.log.filter((line) => line.message === message);

test('SIGTERM ends an agent that nobody asks at once', async () => {
  expect(await agent.ask('Hi', { headers: {} })).toMatchObject({ error: { code: 'WorkloadAccessTokenMissing' } });
  const { status, took } = await end('SIGTERM');
  expect(status).toBe(0);
  expect(took).toBeLessThan(1000);
  expect(lines('stopped')).toHaveLength(1);
});

test('SIGTERM before the heavy modules are loaded ends it at once, too', async () => {
  const { status, took } = await end('SIGTERM');
  expect(status).toBe(0);
  expect(took).toBeLessThan(1000);
});

test('a request that came before the heavy modules are loaded is answered, SIGTERM or not', async () => {
  scripted.model.script = says('Here I am.');
  const answer = agent.ask('Hi');
  await sleep(10);
  const { status } = await end('SIGTERM');
  expect(await answer).toBe('Here I am.');
  expect(status).toBe(0);
});

test('more signals change nothing: what runs is finished, and it stops once', async () => {
  let finish = () => {};
  scripted.model.script = (request, response) => {
    finish = () => says('Finished.')(request, response);
  };
  const answer = agent.ask('Hi');
  await until(() => scripted.model.calls === 1);
  const ended = end('SIGTERM', 'SIGTERM', 'SIGINT', 'SIGTERM');
  await sleep(400);
  finish();
  expect(await answer).toBe('Finished.');
  expect((await ended).status).toBe(0);
  expect(lines('stopping')).toHaveLength(1);
});

test('after nine seconds everybody who still waits is told so, and in ten it is over', async () => {
  scripted.model.script = never;
  const ask = (headers: Readonly<Record<string, string>>, accept?: string) =>
    agent.invoke({ prompt: 'Hi', headers, ...(accept && { accept }) }).then((response) => response.text());
  const streamed = ask(inSession, 'text/event-stream');
  await until(() => scripted.model.calls === 1);
  const waitingForItsTurn = ask(inSession);
  const whole = ask(tokenHeader);
  await until(() => scripted.model.calls === 2);
  // This one gets no key from memory, and AgentCore says nothing.
  scripted.identity.delay = 60_000;
  const waitingForTheKey = ask({ 'X-Amz-Bedrock-AgentCore-Identity-WAT': 'another-token' });
  await until(() => scripted.identity.requests.length === 2);
  const { status, took } = await end('SIGTERM');
  expect(status).toBe(0);
  expect(took).toBeGreaterThan(8500);
  expect(took).toBeLessThan(10_500);
  const told = { error: expect.objectContaining({ code: 'ShuttingDown', status: 503, retryable: true }) };
  const events = eventsOf(await streamed);
  expect([textOf(events), events.at(-1)]).toEqual(['Half an ', told]);
  for (const answer of await Promise.all([waitingForItsTurn, whole, waitingForTheKey])) {
    expect(JSON.parse(answer)).toEqual(told);
  }
  expect(lines('invocation failed').map(({ code }) => code)).toEqual(Array(4).fill('ShuttingDown'));
});

test('a caller that goes away while the agent waits, to ask again or for a key, is waited for no longer', async () => {
  scripted.model.script = (_request, response) => response.writeHead(429, { 'retry-after': '9' }).end('{}');
  const caller = new AbortController();
  const { signal } = caller;
  const lost = [agent.invoke({ prompt: 'Hi', headers: inSession, signal })];
  await until(() => scripted.model.calls === 1);
  scripted.identity.delay = 60_000;
  lost.push(agent.invoke({ prompt: 'Hi', headers: { 'X-Amz-Bedrock-AgentCore-Identity-WAT': 'another' }, signal }));
  await until(() => scripted.identity.requests.length === 2);
  caller.abort();
  await Promise.allSettled(lost);
  await until(() => lines('invocation failed').length === 2);
  expect(lines('invocation failed').map(({ code }) => code)).toEqual(['ClientClosedRequest', 'ClientClosedRequest']);
  scripted.model.script = says('Here I am.');
  expect(await agent.ask('Hi', { headers: inSession })).toBe('Here I am.');
});
