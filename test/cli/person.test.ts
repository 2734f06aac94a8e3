import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { askYes } from '../../cli/person.ts';
import { Interrupted } from '../../cli/user-error.ts';

const answering = async (typed: string) => {
  const input = new PassThrough();
  const output = new PassThrough();
  input.end(typed);
  const answer = await askYes('Delete it', input, output);
  output.end();
  return { answer, shown: await text(output) };
};

test.each(['y\n', 'Y\n', 'yes\n', ' yes \n'])('%j is a yes', async (typed) => {
  expect(await answering(typed)).toMatchObject({ answer: true });
});

test.each(['n\n', '\n', 'yess\n', 'ja\n', ''])('%j is none', async (typed) => {
  expect(await answering(typed)).toMatchObject({ answer: false });
});

test('the question says what happens to whoever just presses Enter', async () => {
  expect((await answering('\n')).shown).toContain('Delete it (y/N)? ');
});

test('Ctrl-C is no answer: it ends the command', async () => {
  const input = new PassThrough();
  const terminal = Object.assign(new PassThrough(), { isTTY: true });
  const answer = askYes('Delete it', input, terminal);
  input.write('\u0003');
  await expect(answer).rejects.toThrow(Interrupted);
});
