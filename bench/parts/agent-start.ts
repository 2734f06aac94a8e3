import { join } from 'node:path';
import { time, times } from '../format.ts';
import type { Effort, Measurement } from '../measurement.ts';
import { inTurn, median, percentile, ratioOf } from '../statistics.ts';
import { agentEnvironment, withBundle } from '../support/agent.ts';
import { ping, spawnServer } from '../support/spawned-server.ts';

const reference = (name: string) => join(import.meta.dirname, '../reference', name);

export const measure = ({ times: often }: Effort): Promise<Measurement> =>
  withBundle(async (bundle) => {
    // As the Dockerfile starts it.
    const starts = {
      agent: () => startToPing(['--max-semi-space-size=1', 'main.mjs'], bundle),
      bare: () => startToPing([reference('bare-server.mjs')]),
    };
    const values = await inTurn(often(20), starts);
    const eager = await inTurn(often(10), {
      agent: starts.agent,
      eager: () => startToPing([reference('eager-agent.ts')]),
    });
    const row = (what: string, measured: readonly number[], ratio: number) => [
      what,
      time(median(measured)),
      time(percentile(measured, 0.9)),
      times(ratio),
    ];
    const ratio = ratioOf(values.agent, values.bare);
    return {
      title: 'Agent start',
      how: `From the spawn of the process to the end of the first healthy answer to \`/ping\`, ${often(20)} times in turn with a bare \`node:http\` server that answers the same, and ${often(10)} times in turn with the same agent run from its sources with everything loaded before it listens. The ratios are medians of the pairs.`,
      columns: ['', 'p50', 'p90', 'against bare'],
      rows: [
        row('bare `node:http` server', values.bare, 1),
        row('the agent', values.agent, ratio),
        row('from sources, nothing lazy', eager.eager, ratio * ratioOf(eager.eager, eager.agent)),
      ],
      results: { agentStart: ratio },
    };
  });

async function startToPing(args: readonly string[], cwd?: string): Promise<number> {
  const startedAt = performance.now();
  const server = await spawnServer(args, { ...(cwd && { cwd }), env: agentEnvironment });
  await ping(server.url);
  const took = performance.now() - startedAt;
  await server.stop();
  return took;
}
