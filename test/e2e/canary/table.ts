import type { CanaryReport } from './canary.ts';

/** The report as a table for people: one line for each place, with what was searched there. */
export function tableOf({ places, allowed }: CanaryReport): string {
  const rows = places.map(({ name, things, bytes, leaks, plantFound, what }) => [
    name,
    String(things),
    String(bytes),
    leaks.length === 0 ? 'no key' : `${leaks.length} LEAKS`,
    plantFound ? 'found' : 'NOT FOUND',
    what,
  ]);
  const fields = allowed.map(({ name, times, why }) => [name, `${times} times`, why]);
  return [
    '',
    ...aligned([['place searched', 'things', 'bytes', 'result', 'planted key', 'what it is'], ...rows]),
    '',
    ...aligned([['where the key may be', 'was there', 'why'], ...fields]),
    '',
  ].join('\n');
}

function aligned(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
