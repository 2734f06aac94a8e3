import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { bundleHandler } from '../../lib/credential-provider/bundle-handler.ts';
import { bytes, time } from '../format.ts';
import type { Effort, Measurement } from '../measurement.ts';
import { neededCalls } from '../reference/needed-calls.ts';
import { inTurn, median } from '../statistics.ts';
import { type HandledEvent, handleAllEvents } from '../support/handler-events.ts';

const empty = join(import.meta.dirname, '../reference/empty-handler.cjs');

export async function measure({ times }: Effort): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-handler-'));
  try {
    bundleHandler(folder);
    const file = join(folder, 'index.js');
    const zip = zipOf(file);
    const load = await inTurn(times(20), {
      handler: async () => loadTime(file),
      empty: async () => loadTime(empty),
    });
    const over = median(load.handler.map((value, round) => value - (load.empty[round] ?? Number.NaN)));
    return {
      title: 'Handler of the credential provider',
      how: `The zip as it is uploaded. Load time: \`require\` of the file in a new process of Node.js ${process.versions.node}, ${times(20)} times in turn with a handler that does nothing. Calls to AWS: those of the handler's own code on a stand-in of AgentCore and Secrets Manager; a reference and a copy make the same. What each is for: the table below.`,
      columns: ['', ''],
      rows: [
        ['zip', bytes(zip)],
        ['in it, not compressed', bytes(statSync(file).size)],
        ['load, p50', time(median(load.handler))],
        ['over an empty handler, p50', time(over)],
        ...Object.entries(neededCalls).map(([event, calls]) => [
          `calls: ${event}`,
          calls.map(([call, why]) => (why ? `${call} (${why})` : call)).join(', '),
        ]),
      ],
      results: { handlerSize: zip, handlerLoad: over, handlerCalls: excess(await handleAllEvents()) },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How many calls are made that are not needed. */
export function excess(handled: readonly HandledEvent[]): number {
  return handled.reduce((sum, { event, calls }) => {
    const needed = (neededCalls[event] ?? []).map(([call]) => call);
    for (const call of calls) {
      const index = needed.indexOf(call);
      if (index >= 0) needed.splice(index, 1);
      else sum++;
    }
    return sum;
  }, 0);
}

/** Bytes of a zip with this one file. */
export function zipOf(file: string): number {
  return zipSync({ 'index.js': readFileSync(file) }, { level: 9 }).length;
}

function loadTime(file: string): number {
  const script = 'const t=performance.now();require(process.argv[1]);process.stdout.write(String(performance.now()-t))';
  return Number(execFileSync(process.execPath, ['-e', script, file], { encoding: 'utf8' }));
}
