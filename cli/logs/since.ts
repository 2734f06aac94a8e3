import { UsageError } from '../arguments.ts';

const milliseconds = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * How long ago, in milliseconds, such as `90s`, `15m`, `2h` or `1d`.
 *
 * @throws UsageError
 */
export function readSince(given: string): number {
  const [, number, unit] = /^([1-9]\d{0,4})([smhd])$/.exec(given) ?? [];
  if (!number || !unit) throw new UsageError(`--since "${given}" is not a time such as 90s, 15m, 2h or 1d.`);
  return Number(number) * milliseconds[unit as keyof typeof milliseconds];
}
