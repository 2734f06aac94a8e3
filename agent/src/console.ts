import { format } from 'node:util';
import { log } from './log.ts';
import { redact } from './redact.ts';

/**
 * Leads what libraries and tools write to the console into the log: a line of JSON each, without what looks like a key.
 * The AWS SDK warns there, and what reads the log shall not stumble over it.
 */
export function consoleIntoLog(): void {
  const levels = { debug: 'info', log: 'info', info: 'info', warn: 'warn', error: 'error', trace: 'info' } as const;
  for (const [method, level] of Object.entries(levels)) {
    console[method as keyof typeof levels] = (...words: unknown[]) => {
      log(level, 'console', { detail: redact(format(...words)) });
    };
  }
}
