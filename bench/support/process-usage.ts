import { readFileSync } from 'node:fs';

const tickMs = 10;

/** Milliseconds of CPU that a process has used. Linux counts them in hundredths of a second. */
export function cpuOf(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  // utime and stime are fields 14 and 15, and what is left begins with the third.
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}
