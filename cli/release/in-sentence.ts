import { describeError } from '../user-error.ts';

/** What went wrong, as a part of a sentence of ours: in one line, and without the full stop at its end. */
export function inSentence(error: unknown): string {
  return describeError(error)
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '');
}
