import { randomUUID } from 'node:crypto';
import { inspect, inspectable, type Memory } from '../../test/agent/support/inspector.ts';
import { RunningAgent, tokenHeader } from '../../test/agent/support/running-agent.ts';
import { bytes, count, percent, time } from '../format.ts';
import type { Effort, Measurement } from '../measurement.ts';
import { median, percentile } from '../statistics.ts';
import { withBundle } from '../support/agent.ts';
import { createCaller } from '../support/call.ts';
import { cpuOf } from '../support/process-usage.ts';
import { spawnServer } from '../support/spawned-server.ts';
import { servicesFile } from './invocation.ts';

const sizes = [1, 10, 100, 500];
const chunks = 30;
const everyMs = 100;
/** From this share of one core on it counts as full: of the whole time, with the first and last moments of the streams. */
const full = 0.8;

export const measure = ({ times }: Effort): Promise<Measurement> =>
  withBundle(async (bundle) => {
    const services = await spawnServer([servicesFile]);
    const agent = await RunningAgent.start(bundle, {
      ...inspectable,
      AWS_ENDPOINT_URL: services.url,
      OPENAI_BASE_URL: `${services.url}/v1`,
      // Streams that are held open while memory is looked at say nothing.
      MODEL_TIMEOUT_SECONDS: '600',
      ANSWER_TIMEOUT_SECONDS: '600',
    });
    const caller = createCaller();
    const ask = (prompt: string) =>
      caller.call({
        url: `${agent.url}/invocations`,
        body: { prompt },
        headers: {
          ...tokenHeader,
          accept: 'text/event-stream',
          'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id': randomUUID(),
        },
      });
    const askAtOnce = (streams: number, prompt: string) =>
      Promise.all(Array.from({ length: streams }, () => ask(prompt)));

    try {
      for (let i = 0; i < times(50); i++) await ask('text');
      const inspector = await inspect(agent);
      const idle = await inspector.memory();
      let open = true;
      const answers = askAtOnce(500, 'hold chunks=2').finally(() => {
        open = false;
      });
      // What goes wrong is heard of below, and not before somebody listens.
      answers.catch(() => {});
      const held = await memoryOnceStill(inspector);
      if (!open) throw new Error('The streams did not stay open.');
      await fetch(`${services.url}/release`, { method: 'POST' });
      await answers;
      const after = await inspector.memory();
      inspector.close();
      const memory = (each: keyof Memory) => (held[each] - idle[each]) / 500;

      const rows: string[][] = [];
      const shares: number[] = [];
      let capacity = Number.NaN;
      for (const streams of sizes) {
        await askAtOnce(streams, 'text');
        const before = { cpu: cpuOf(agent.process.pid), at: performance.now() };
        const answers = await askAtOnce(streams, `chunks=${chunks} every=${everyMs}`);
        const wall = performance.now() - before.at;
        const cpu = (cpuOf(agent.process.pid) - before.cpu) / wall;
        const stream = (chunks - 1) * everyMs;
        const share = Math.min(1, stream / median(answers.map(({ first, last }) => last - first)));
        if (cpu < full) {
          shares.push(share);
          capacity = (streams * chunks) / (cpu * (wall / 1000));
        }
        const firsts = answers.map(({ first }) => first);
        rows.push([
          String(streams),
          time(median(firsts)),
          time(percentile(firsts, 0.99)),
          count((streams * chunks) / (wall / 1000)),
          percent(share),
          percent(cpu),
        ]);
      }
      return {
        title: 'Concurrency',
        how: `So many streams at once on one process, each a session of its own, each with ${chunks} chunks, one every ${everyMs} ms. Callers, model server and agent share the machine. In time: the model's time from the first to the last chunk, as a share of the caller's. By the CPU that the largest number used which does not fill a core, one is full at ${count(capacity)} chunks a second, the beginnings of the answers included. Memory of a session: of 500 that are open, against the idle agent, after a garbage collection: ${bytes(memory('resident'))} of the process (this is held against the goal), ${bytes(memory('heap'))} of live objects. Afterwards the process has ${bytes(after.resident)} instead of ${bytes(idle.resident)}.`,
        columns: ['streams', 'first chunk, p50', 'p99', 'chunks a second', 'in time', 'of one core'],
        rows,
        results: { linear: Math.min(...shares), sessionMemory: memory('resident') },
      };
    } finally {
      caller.close();
      await agent.stop();
      await services.stop();
    }
  });

/** Waits until all of them have their first chunk: the agent says nothing of it, so its memory has to stand still. */
async function memoryOnceStill(inspector: { memory(): Promise<Memory> }): Promise<Memory> {
  for (let before = await inspector.memory(); ; ) {
    const now = await inspector.memory();
    if (Math.abs(now.heap / before.heap - 1) < 0.02) return now;
    before = now;
  }
}
