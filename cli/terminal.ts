import { styleText } from 'node:util';

/** Colours, where standard output is a terminal that has them; `NO_COLOR` and a pipe turn them off. */
const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
  styleText(format, text, { stream: process.stdout });

export const bold = style('bold');
export const dim = style('dim');
export const green = style('green');
export const red = style('red');

/**
 * Shows a step of a command: what it is about, and what is done or found. What others have said goes through `terminalText`
 * first.
 *
 * @param stream standard error, where standard output is for what comes of the command
 */
export function step(name: string, text: string, stream: NodeJS.WriteStream = process.stdout): void {
  stream.write(`${styleText('bold', name.padEnd(9), { stream })}${text}\n`);
}

/** Shows a line that belongs to the step before. */
export function detail(text: string, stream: NodeJS.WriteStream = process.stdout): void {
  stream.write(`${' '.repeat(9)}${text}\n`);
}

/** Shows, dim and beside the output, what a command is doing: a machine reads standard output alone. */
export function progress(text: string): void {
  process.stderr.write(`${styleText('dim', text, { stream: process.stderr })}\n`);
}
