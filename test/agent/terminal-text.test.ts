import { terminalText } from '../../agent/src/terminal-text.ts';

describe('the text of a model', () => {
  test.each([
    ['colours and moves', '\u001b[31mred\u001b[2J', '[31mred[2J'],
    ['renames the window', '\u001b]0;window\u0007text', ']0;windowtext'],
    ['does so with one character (C1)', '\u009b2Jtext\u009d0;window\u009c', '2Jtext0;window'],
    ['writes over the line', 'harmless\rrm -rf', 'harmlessrm -rf'],
    ['goes back', 'abc\b\b\bxyz', 'abcxyz'],
    ['rings, ends or is nothing', '\u0007\u0004\u0000\u007f.', '.'],
    ['runs backwards', 'user\u202egnp.exe\u2066x\u2069', 'usergnp.exex'],
    [
      'is cut into pieces',
      ['\u001b', '[2', 'Jtext'].map((each) => terminalText(each, { isTTY: true })).join(''),
      '[2Jtext',
    ],
  ])('cannot control the terminal: what %s', (_what, text, shown) => {
    expect(terminalText(text, { isTTY: true })).toBe(shown);
  });

  test('is shown with its tabs, lines, scripts and emoji', () => {
    const text = 'two\tthree\nfour 한국 مرحبا 👩‍🚀';
    expect(terminalText(text, { isTTY: true })).toBe(text);
  });

  test('goes into a file or a pipe as it is', () => {
    expect(terminalText('\u001b[31mred', {})).toBe('\u001b[31mred');
  });
});
