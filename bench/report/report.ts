import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../test/support/run.ts';
import type { Results } from '../results.ts';
import { page } from './page.ts';
import { picture } from './picture.ts';
import { readmeTable } from './readme-table.ts';

const begin = '<!-- benchmarks: written by npm run bench -->';
const end = '<!-- /benchmarks -->';

/** Writes everything that shows the figures; the same figures give the same bytes. */
export function writeReport(results: Results): void {
  const docs = (name: string) => join(projectFolder, 'docs', name);
  writeFileSync(docs('benchmarks.md'), page(results));
  writeFileSync(docs('benchmarks.svg'), picture(results));
  const readme = join(projectFolder, 'README.md');
  const text = readFileSync(readme, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no lines ${begin} and ${end} around its table.`);
  writeFileSync(readme, `${text.slice(0, from + begin.length)}\n${readmeTable(results)}${text.slice(to)}`);
}
