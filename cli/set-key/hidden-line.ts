import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Interrupted } from '../user-error.ts';

/**
 * Asks for one line that nobody sees being typed.
 *
 * @param prompt shown before it
 * @returns the line; undefined if the person gave up (Ctrl-D)
 * @throws Interrupted by Ctrl-C
 */
export function readHiddenLine(
  prompt: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<string | undefined> {
  output.write(prompt);
  return new Promise((resolve, reject) => {
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    // In the mode of a terminal readline itself does the echo, into what it takes for its output.
    const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
    let line: string | undefined;
    lines.once('line', (text) => {
      line = text;
      lines.close();
    });
    lines.once('SIGINT', () => {
      reject(new Interrupted('Interrupted: nothing was stored.'));
      lines.close();
    });
    lines.once('close', () => {
      output.write('\n');
      resolve(line);
    });
  });
}
