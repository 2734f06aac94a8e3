import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The processes of this machine whose command line or environment mentions a text, as `PID COMMAND`. */
export function processesMentioning(text: string): string[] {
  if (existsSync('/proc/self/environ')) {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
      .filter((pid) => `${read(pid, 'cmdline')}\0${read(pid, 'environ')}`.includes(text))
      .map((pid) => `${pid} ${read(pid, 'cmdline').replaceAll('\0', ' ')}`);
  }
  return execFileSync('ps', ['-Aww', '-E', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    .split('\n')
    .filter((line) => line.includes(text));
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // It has ended in the meantime, or belongs to somebody else.
    return '';
  }
}
