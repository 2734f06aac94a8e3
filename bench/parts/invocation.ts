import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tokenHeader } from '../../test/agent/support/running-agent.ts';
import { count, time } from '../format.ts';
import type { Effort, Measurement } from '../measurement.ts';
import { median, percentile } from '../statistics.ts';
import { agentEnvironment, withBundle } from '../support/agent.ts';
import { type CallTimes, createCaller } from '../support/call.ts';
import { cpuOf } from '../support/process-usage.ts';
import { ping, spawnServer } from '../support/spawned-server.ts';

export const servicesFile = join(import.meta.dirname, '../support/services.ts');

/** What the agent adds to what the direct calls take, in milliseconds, pair by pair. */
interface Added {
  readonly first: number[];
  readonly last: number[];
}

export const measure = ({ times }: Effort): Promise<Measurement> =>
  withBundle(async (bundle) => {
    const services = await spawnServer([servicesFile]);
    const env = { ...agentEnvironment, AWS_ENDPOINT_URL: services.url, OPENAI_BASE_URL: `${services.url}/v1` };
    const caller = createCaller();
    const startAgent = () => spawnServer(['--max-semi-space-size=1', 'main.mjs'], { cwd: bundle, env });
    const ask = (url: string, prompt: string, accept: string) =>
      caller.call({
        url: `${url}/invocations`,
        body: { prompt },
        headers: { ...tokenHeader, accept, 'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id': randomUUID() },
      });
    const askModel = (prompt: string) =>
      caller.call({
        url: `${services.url}/v1/chat/completions`,
        body: { model: 'm', stream: true, messages: [{ role: 'user', content: prompt }] },
      });
    const identityCalls = async () =>
      ((await (await fetch(`${services.url}/identity-calls`)).json()) as { identityCalls: number }).identityCalls;

    try {
      const firstAtOnce: number[] = [];
      const firstLater: number[] = [];
      const identityCallsOfFirst: number[] = [];
      for (let i = 0; i < times(10); i++) {
        for (const [waitMs, values] of [
          [0, firstAtOnce],
          [1500, firstLater],
        ] as const) {
          const agent = await startAgent();
          await ping(agent.url);
          await sleep(waitMs);
          const before = await identityCalls();
          const direct = await askModel('text');
          values.push((await ask(agent.url, 'text', 'application/json')).last - direct.last);
          identityCallsOfFirst.push((await identityCalls()) - before);
          await agent.stop();
        }
      }

      const agent = await startAgent();
      /** @param modelCalls how many calls of the model stand beside one invocation */
      const added = async (often: number, prompt: string, accept: string, modelCalls = 1): Promise<Added> => {
        const values: Added = { first: [], last: [] };
        for (let i = 0; i < often; i++) {
          const direct: CallTimes[] = [];
          for (let call = 0; call < modelCalls; call++) direct.push(await askModel(call === 0 ? prompt : 'text'));
          const asked = await ask(agent.url, prompt, accept);
          values.first.push(asked.first - (direct[0]?.first ?? Number.NaN));
          values.last.push(asked.last - direct.reduce((sum, { last }) => sum + last, 0));
        }
        return values;
      };
      await added(times(200), 'tool', 'text/event-stream', 2);
      const before = { identityCalls: await identityCalls(), cpu: cpuOf(agent.process.pid) };
      const often = times(2000);
      const plain = await added(often, 'text', 'application/json');
      const cpu = (cpuOf(agent.process.pid) - before.cpu) / often;
      const tool = await added(times(500), 'tool', 'application/json', 2);
      const streamed = await added(times(500), 'chunks=20 every=1', 'text/event-stream');
      const identityCallsOfWarm = (await identityCalls()) - before.identityCalls;
      await agent.stop();

      const row = (what: string, values: readonly number[]) => [
        what,
        time(median(values)),
        time(percentile(values, 0.99)),
      ];
      return {
        title: 'First and warm invocation',
        how: `What the agent adds: the time of an invocation less that of a direct call of the same scripted model server, which is in a process of its own and answers at once. The direct call is a plain \`node:http\` request on a connection that is kept; beside a question with a tool stand two of them. Pair by pair: ${often} of the plain answer, each in a session of its own; ${times(10)} agents for a first invocation. The agent used ${time(cpu)} of CPU for a warm invocation (${percentile(identityCallsOfFirst, 1)} call to AgentCore Identity for the first, ${count(identityCallsOfWarm)} for all that followed).`,
        columns: ['added by the agent', 'p50', 'p99'],
        rows: [
          row('warm, plain answer', plain.last),
          row('warm, answer with one tool call', tool.last),
          row('warm, streamed (20 chunks in 20 ms): first chunk', streamed.first),
          row('warm, streamed (20 chunks in 20 ms): last chunk', streamed.last),
          row('first, right after the first ping', firstAtOnce),
          row('first, 1.5 s after it', firstLater),
        ],
        results: {
          warmMedian: median(plain.last),
          warmTail: percentile(plain.last, 0.99),
          identityCalls: identityCallsOfWarm,
        },
      };
    } finally {
      caller.close();
      await services.stop();
    }
  });
