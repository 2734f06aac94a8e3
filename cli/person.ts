import { createInterface } from 'node:readline';

/** Whether somebody is there to be asked, and to see what is asked. */
export function isPersonThere(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks a person for a yes. Anything else is a no, and so are Ctrl-C and Ctrl-D.
 *
 * @param question without a question mark
 */
export async function askYes(
  question: string,
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<boolean> {
  const lines = createInterface({ input, output, historySize: 0 });
  const answer = await new Promise<string>((resolve) => {
    lines.once('close', () => resolve(''));
    lines.once('SIGINT', () => lines.close());
    lines.question(`${question} (y/N)? `, resolve);
  });
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}
