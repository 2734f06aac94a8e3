import { readFileSync } from 'node:fs';

const tickMs = 10;

/** Milliseconds of CPU that a process has used. Linux counts them in hundredths of a second. */
export function cpuOf(pid: number | undefined): number {
  // utime and stime are fields 14 and 15, and what is left begins with the third.
  return sumOfTicks(pid, 11);
}

/** The same of all programs that this process has started and seen the end of, with what those have started. */
export function cpuOfEndedPrograms(): number {
  // cutime and cstime.
  return sumOfTicks('self', 13);
}

function sumOfTicks(pid: number | 'self' | undefined, first: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[first]) + Number(fields[first + 1])) * tickMs;
}
