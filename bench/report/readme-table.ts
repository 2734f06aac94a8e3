import type { Results } from '../results.ts';
import { judge, limitOf } from './judged.ts';

/** What README.md has between its marks: the figures in one short table. */
export function readmeTable(results: Results): string {
  const rows = judge(results).map(
    (goal) => `| ${goal.what} | ${goal.format(goal.value)} | ${limitOf(goal)}${goal.met ? '' : ' ✗'} |`,
  );
  return ['| | measured | goal |', '|---|---|---|', ...rows, ''].join('\n');
}
