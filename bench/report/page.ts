import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result, Results } from '../results.ts';
import { judge, limitOf } from './judged.ts';

/** docs/benchmarks.md. */
export function page(results: Results): string {
  const measured = Object.values(results);
  const machines = [...new Set(measured.map(({ date, machine, versions }) => `${date}: ${machine}. ${versions}.`))];
  const missed = judge(results).filter(({ met }) => !met);
  return `${[
    '# Benchmarks',
    'Written by `npm run bench`, which measures everything below in one run and in under ten minutes on two',
    'cores. The figures are those of the last run. Where something else is the',
    'yardstick it was measured in turn with it, so that what the machine does besides falls on both.',
    '',
    '![Where the time goes](benchmarks.svg)',
    '',
    '## Goals',
    ...table(
      ['', 'measured', 'goal', ''],
      judge(results).map((goal) => [
        goal.what,
        goal.format(goal.value),
        limitOf(goal),
        goal.met ? 'met' : '**missed**',
      ]),
    ),
    ...missed.flatMap(({ what, floor }) => ['', `**${what}**: ${floor ?? 'not explained yet.'}`]),
    '',
    ...measured.flatMap(section),
    '## What was found',
    readFileSync(join(import.meta.dirname, '../findings.md'), 'utf8'),
    '## Where it was measured',
    ...machines.map((machine) => `- ${machine}`),
  ].join('\n')}\n`;
}

function section({ title, how, columns, rows }: Result): string[] {
  return [`## ${title}`, how, '', ...table(columns, rows), ''];
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [columns, columns.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
}
