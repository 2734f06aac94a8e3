import type { CanaryReport } from '../e2e/canary/canary.ts';
import type { Row } from './table.ts';

/** The canary's lines of the table: a place counts where something was searched, no key found, and a planted one found. */
export function canaryRows({ places, allowed }: CanaryReport): Row[] {
  const unsearched = places
    .filter(({ things, bytes, witnessed }) => !witnessed || Math.min(things, bytes) === 0)
    .map(({ name }) => `${name}: the journey left nothing there to search`);
  const blind = places
    .filter(({ plantFound }) => !plantFound)
    .map(({ name }) => `${name}: a planted key was not found there`);
  const leaks = places.flatMap(({ name, leaks }) =>
    leaks.length > 0 ? [`${name}: ${leaks.length} leaks of a key`] : [],
  );
  const faults = [...unsearched, ...blind, ...leaks];
  const absent = allowed.filter(({ times }) => times === 0).map(({ name }) => `${name}: it was not there`);
  return [
    {
      what: 'canary: places searched, with a planted key found and no other',
      proven: places.length - new Set(faults.map((fault) => fault.split(':', 1)[0])).size,
      of: places.length,
      remarks: [...faults, ...places.map(({ name }) => name)],
      isFault: faults.length > 0,
    },
    {
      what: 'canary: where the key may be, and was',
      proven: allowed.length - absent.length,
      of: allowed.length,
      remarks: [...absent, ...allowed.map(({ name, why }) => `${name}: ${why}`)],
      isFault: absent.length > 0,
    },
  ];
}
