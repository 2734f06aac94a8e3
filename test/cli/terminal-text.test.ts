import { terminalText } from '../../cli/invoke/terminal-text.ts';

describe('the text of a model', () => {
  const text = 'one\u001b]0;window\u0007 \u001b[2Jtwo\tthree\nfour 한국';

  test('cannot control the terminal', () => {
    expect(terminalText(text, { isTTY: true })).toBe('one]0;window [2Jtwo\tthree\nfour 한국');
  });

  test('goes into a file or a pipe as it is', () => {
    expect(terminalText(text, {})).toBe(text);
  });
});
