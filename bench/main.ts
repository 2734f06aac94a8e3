import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Effort, Measurement } from './measurement.ts';
import { writeReport } from './report/report.ts';
import { currentLoad, readResults, resultOf, writeResults } from './results.ts';

const help = `Measures what users wait for, and writes docs/benchmarks.md, its picture and the table in the README.

  npm run bench                 all parts: 10 minutes at most on 2 cores
  npm run bench -- synth        one part, or several; the others keep their figures
  npm run bench -- --write      writes the pages anew, from docs/benchmarks.json

Options
  --quick    a tenth of the rounds, to try the benchmark itself: prints, and writes nothing
`;

const parts = readdirSync(join(import.meta.dirname, 'parts')).map((file) => basename(file, '.ts'));

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean' }, write: { type: 'boolean' }, help: { type: 'boolean' } },
  allowPositionals: true,
});
const unknown = positionals.filter((part) => !parts.includes(part));
if (values.help || unknown.length > 0) {
  if (unknown.length > 0)
    process.stderr.write(`There is no part ${unknown.join(', ')}; there is: ${parts.join(', ')}.\n`);
  else process.stdout.write(help);
  process.exit(unknown.length > 0 ? 2 : 0);
}

const chosen = values.write ? [] : positionals.length > 0 ? positionals : parts;
const effort: Effort = { times: (often) => (values.quick ? Math.ceil(often / 10) : often) };

let results = readResults();
for (const part of chosen) {
  process.stderr.write(`${part} …`);
  const load = currentLoad();
  const startedAt = performance.now();
  const { measure } = (await import(`./parts/${part}.ts`)) as { measure: (effort: Effort) => Promise<Measurement> };
  const result = resultOf(await measure(effort), load);
  process.stderr.write(` ${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
  for (const row of [result.columns, ...result.rows]) process.stdout.write(`  ${row.join('  |  ')}\n`);
  results = { ...results, [part]: result };
  if (!values.quick) writeResults(results);
}
if (!values.quick) writeReport(results);
