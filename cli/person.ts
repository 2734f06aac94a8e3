import { createInterface } from 'node:readline';
import { Interrupted } from './user-error.ts';

/** Whether somebody is there to be asked, and to see what is asked. */
export function isPersonThere(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks a person for a yes. Anything else is a no, and so is Ctrl-D.
 *
 * @param question without a question mark
 * @throws Interrupted by Ctrl-C
 */
export async function askYes(
  question: string,
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<boolean> {
  const lines = createInterface({ input, output, historySize: 0 });
  const answer = await new Promise<string>((resolve, reject) => {
    lines.once('close', () => resolve(''));
    lines.once('SIGINT', () => {
      reject(new Interrupted('Interrupted: there was no yes.'));
      lines.close();
    });
    lines.question(`${question} (y/N)? `, resolve);
  });
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}
