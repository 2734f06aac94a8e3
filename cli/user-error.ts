import { describeAwsError } from './aws-errors.ts';

/** Something that the person at the terminal has to change: shown as one line, without a stack trace. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** A command was ended by Ctrl-C or by whoever started it: exit status 130. */
export class Interrupted extends UserError {}

/** One line for whatever went wrong: what AWS said with the name of its error, or our own words. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isMissingPackage(error)) return 'The packages of the project are not installed: run npm ci.';
  const known = describeAwsError(error);
  if (known) return known;
  const ownWords = ['UserError', 'UsageError', 'SettingsError', 'Error'].includes(error.name);
  // An AggregateError of a refused connection has no message of its own.
  const message = error.message || (error as NodeJS.ErrnoException).code || 'unknown';
  return `${ownWords ? '' : `${error.name}: `}${message}`.replaceAll(/\s*\n\s*/g, ownWords ? '\n' : ' ');
}

/** Not one of our own files, whose absence is a bug. */
function isMissingPackage(error: Error): boolean {
  return (
    (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND' && error.message.startsWith('Cannot find package')
  );
}
