import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './support/run.ts';

/** What a translation has in common with its original. */
function structureOf(markdown: string) {
  const blocks = [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => ({
    language,
    code: untranslatable(language, code),
  }));
  const prose = markdown.replaceAll(/^```.*?^```$/gms, '');
  const cells = [...prose.matchAll(/^\| ?(.*?) ?\|/gm)].map(([, first = '']) => first);
  return {
    headings: [...prose.matchAll(/^(#+) /gm)].map(([, level]) => level),
    blocks,
    settings: cells.filter((first) => first.startsWith('`')),
    links: [...prose.matchAll(/\]\(([^)]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^README(\.ko)?\.md$/.test(target)),
  };
}

/** What of a block is not for people: all but comments, the labels of a picture, and what a folder is said to hold. */
function untranslatable(language: string, code: string): string {
  switch (language) {
    case 'sh':
    case 'python':
      return code.replaceAll(/ *#.*$/gm, '');
    case 'mermaid':
      return code.replaceAll(/"[^"]*"/g, '""');
    case '':
      return [...code.matchAll(/^\S+/gm)].join('\n');
    default:
      return code;
  }
}

const read = (file: string) => readFileSync(join(projectFolder, file), 'utf8');

describe('README.ko.md', () => {
  const english = read('README.md');
  const korean = read('README.ko.md');

  test.each(['headings', 'blocks', 'settings', 'links'] as const)('has the %s of README.md', (part) => {
    const ofEnglish = structureOf(english)[part];
    expect(ofEnglish.length).toBeGreaterThan(5);
    expect(structureOf(korean)[part]).toEqual(ofEnglish);
  });

  test('and README.md lead to each other', () => {
    expect(english).toContain('](README.ko.md)');
    expect(korean).toContain('](README.md)');
  });

  test('would not pass with a command, a setting or a section less', () => {
    const parts = structureOf(english);
    expect(structureOf(english.replace(/^npm start\n/m, '')).blocks).not.toEqual(parts.blocks);
    expect(structureOf(english.replace(/^\| `secret`.*\n/m, '')).settings).not.toEqual(parts.settings);
    expect(structureOf(english.replace(/^## Tests\n/m, '')).headings).not.toEqual(parts.headings);
  });
});
