import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../support/run.ts';
import { Screen } from './screen.ts';
import { terminalPicture } from './svg.ts';

function seen(output: string, columns = 20): string[] {
  const screen = new Screen(columns);
  screen.write(output);
  return screen.rows().map((runs) => runs.map(({ column, text }) => `${column}:${text}`).join('|'));
}

describe('the screen', () => {
  test('has lines and styles', () => {
    expect(seen('one\r\n\x1b[1mtwo\x1b[22m three\r\n\r\n\x1b[32mfour\x1b[39m')).toEqual([
      '0:one',
      '0:two|3: three',
      '',
      '0:four',
    ]);
  });

  test('breaks a line that is too long, and not one that just fits', () => {
    expect(seen('12345678', 4)).toEqual(['0:1234', '0:5678']);
    expect(seen('1234\r\n5', 4)).toEqual(['0:1234', '0:5']);
  });

  test('erases and writes again, as a prompt does', () => {
    expect(seen('> a\x1b[1G\x1b[0J> ab\x1b[5G')).toEqual(['0:> ab']);
    expect(seen('old\rnew\x1b[K')).toEqual(['0:new']);
  });

  test('says what it does not know, instead of a wrong picture', () => {
    expect(() => seen('\x1b[2S')).toThrow('CSI 2S is not known');
    expect(() => seen('\x1b[5m')).toThrow('the style 5 is not known');
  });
});

test('a picture escapes what it shows', () => {
  const screen = new Screen(20);
  screen.write('<a> & "b"');
  expect(terminalPicture('A < B', screen.rows(), 20)).toMatch(/<title>A &lt; B<[\s\S]*&lt;a&gt; &amp; &quot;b&quot;</);
});

describe('the pictures in docs/pictures', () => {
  const folder = join(projectFolder, 'docs/pictures');
  const pictures = readdirSync(folder).filter((name) => name.endsWith('.svg'));

  test.each(pictures)('%s shows no path, and nothing that is not known to a terminal', (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    expect(text).not.toMatch(/\/(root|home|Users|tmp|var|work)\//);
    expect(text).not.toMatch(/\[\d*m/);
  });

  test('are those of npm start, which answers, and of the chat', () => {
    expect(pictures).toEqual(['chat.svg', 'start.svg']);
    expect(readFileSync(join(folder, 'start.svg'), 'utf8')).toMatch(/>npm start<[\s\S]*>2\*2 = 4\.</);
    expect(readFileSync(join(folder, 'chat.svg'), 'utf8')).toMatch(/--chat<[\s\S]*>2\*2 = 4\.</);
  });
});
