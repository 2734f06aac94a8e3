import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { bundleAgent } from '../agent/support/bundle-agent.ts';
import { type HttpServer, startHttpServer } from '../agent/support/http-server.ts';
import { startIdentityStandIn } from '../agent/support/identity-stand-in.ts';
import { inspect, inspectable, type Memory } from '../agent/support/inspector.ts';
import { eventsOf, RunningAgent, textOf, tokenHeader } from '../agent/support/running-agent.ts';
import { chunk, stream } from '../agent/support/scripted-model.ts';
import { temporaryFolder } from '../agent/support/temporary-folder.ts';

const sessionsOfOneRound = 1000;
const turns = 2;
const atOnce = 100;

jest.setTimeout(60_000);

const folder = temporaryFolder();
/** By the session's word: what the model was sent for each of its turns, as lines such as `user: session-7/turn-2`. */
const heard = new Map<string, string[][]>();
/** By the session's word: the answers, in the order in which its caller asked. */
const answers = new Map<string, unknown[][]>();
const memory: Memory[] = [];
let model: HttpServer;
let identity: Awaited<ReturnType<typeof startIdentityStandIn>>;
let agent: RunningAgent;
const connections = new Agent({ keepAlive: true, maxSockets: atOnce });

const wordOf = (session: number) => `session-${session}`;
const promptOf = (session: number, turn: number) => `${wordOf(session)}/turn-${turn}`;
const answerOf = (prompt: string) => `I heard you say ${prompt} in here.`;

beforeAll(async () => {
  bundleAgent(folder.path);
  model = await startHttpServer(async (question, response) => {
    const lines = linesOf(await text(question));
    const prompt = lines.at(-1)?.replace('user: ', '') ?? '';
    const [word = ''] = prompt.split('/');
    heard.set(word, [...(heard.get(word) ?? []), lines]);
    const pieces = answerOf(prompt).match(/\S+ ?/g) ?? [];
    stream(...pieces.map((content) => chunk({ content })), chunk({}, 'stop'))(question, response);
  });
  identity = await startIdentityStandIn('sk-any-key');
  agent = await RunningAgent.start(folder.path, {
    ...inspectable,
    OPENAI_BASE_URL: `${model.url}/v1`,
    AWS_ENDPOINT_URL: identity.url,
  });
  // The first thousand fills what is kept by design: the conversations of the last thousand sessions.
  await converseAll(0);
  const inspector = await inspect(agent);
  memory.push(await inspector.memory());
  await converseAll(sessionsOfOneRound);
  memory.push(await inspector.memory());
  inspector.close();
});

afterAll(async () => {
  connections.destroy();
  await agent.stop();
  await identity.close();
  await model.close();
  folder.remove();
});

const sessions = Array.from({ length: 2 * sessionsOfOneRound }, (_, session) => session);
const turnNumbers = Array.from({ length: turns }, (_, turn) => turn);

test('2,000 sessions of two turns, 100 at a time, lose nothing: each answer is whole, and the one to its prompt', () => {
  const expected = sessions.map((session) =>
    turnNumbers.map((turn) => [answerOf(promptOf(session, turn)), { messageStop: { stopReason: 'end_turn' } }]),
  );
  expect(sessions.map((session) => answers.get(wordOf(session)))).toEqual(expected);
});

test('they mix nothing up: the model hears of each session only its own words, in their order', () => {
  const expected = sessions.map((session) =>
    turnNumbers.map((turn) => [
      ...turnNumbers
        .slice(0, turn)
        .map((earlier) => promptOf(session, earlier))
        .flatMap((prompt) => [`user: ${prompt}`, `assistant: ${answerOf(prompt)}`]),
      `user: ${promptOf(session, turn)}`,
    ]),
  );
  expect(sessions.map((session) => heard.get(wordOf(session)))).toEqual(expected);
});

test('each is one line of the log', () => {
  const lines = agent.output.match(/"message":"invocation succeeded"/g) ?? [];
  expect(lines).toHaveLength(sessions.length * turns);
  expect(agent.output).not.toContain('invocation failed');
});

test('the second thousand leaves memory where it was after the first', () => {
  const [before, after] = memory;
  if (!before || !after) throw new Error('Memory was not measured.');
  expect(after.heap / before.heap).toBeLessThan(1.05);
  expect(after.resident / before.resident).toBeLessThan(1.15);
});

async function converseAll(first: number): Promise<void> {
  let next = first;
  const caller = async () => {
    while (next < first + sessionsOfOneRound) await converse(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
}

async function converse(session: number): Promise<void> {
  const said: unknown[][] = [];
  answers.set(wordOf(session), said);
  for (const turn of turnNumbers) {
    const events = eventsOf(await ask(session, promptOf(session, turn)));
    said.push([textOf(events), ...events.filter((event) => typeof event !== 'string')]);
  }
}

/** By node:http, as the caller shall not be what takes the time. */
async function ask(session: number, prompt: string): Promise<string> {
  const question = request(`${agent.url}/invocations`, {
    agent: connections,
    method: 'POST',
    headers: {
      ...tokenHeader,
      accept: 'text/event-stream',
      'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id': `${wordOf(session)}-`.padEnd(33, '0'),
    },
  });
  question.end(JSON.stringify({ prompt }));
  const response = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    question.once('response', resolve).once('error', reject);
  });
  return text(response);
}

/** A conversation as the model is sent it, without the instructions. */
function linesOf(body: string): string[] {
  const { messages } = JSON.parse(body) as { messages: { role: string; content: unknown }[] };
  return messages.filter(({ role }) => role !== 'system').map(({ role, content }) => `${role}: ${plain(content)}`);
}

function plain(content: unknown): string {
  return Array.isArray(content) ? content.map((part: { text?: string }) => part.text ?? '').join('') : String(content);
}
