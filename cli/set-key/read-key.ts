import { text } from 'node:stream/consumers';
import { problemOfApiKey } from '../../lib/credential-provider/api-key.ts';
import { UserError } from '../user-error.ts';
import { readHiddenLine } from './hidden-line.ts';

/**
 * Reads an API key from a person at a terminal, or from a pipe or a file to its end.
 *
 * @param secret name of the secret that it is for, shown to the person
 * @throws UserError for what can be no key; it never quotes it
 */
export async function readKey(
  secret: string,
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean },
  output: NodeJS.WritableStream,
): Promise<string> {
  const given = input.isTTY
    ? await readHiddenLine(
        `API key for the secret ${secret} (nothing is shown while you type or paste): `,
        input,
        output,
      )
    : await text(input);
  if (given === undefined) throw new UserError('No key was given: nothing was stored.');
  const key = given.trim();
  const problem = problemOfApiKey(key);
  if (problem) throw new UserError(`What was given ${problem}: nothing was stored.`);
  return key;
}
