import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectFolder } from './support/run.ts';

const read = (file: string) => readFileSync(join(projectFolder, file), 'utf8');

describe('the documents', () => {
  test('name tests that exist', () => {
    const named = [...read('docs/threat-model.md').matchAll(/`((?:test|\.ci)\/[^`]+)`/g)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(10);
    const missing = named
      .map((path) => path.replace(/\/\*$/, ''))
      .filter((path) => ![path, `${path}.test.ts`].some((file) => existsSync(join(projectFolder, file))));
    expect(missing).toEqual([]);
  });

  test.each(['README.md', 'SECURITY.md', 'docs/threat-model.md', 'docs/unproven.md'])(
    '%s has links that lead somewhere',
    (file) => {
      const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path);
      expect(links.filter((path) => !existsSync(join(projectFolder, dirname(file), path)))).toEqual([]);
    },
  );

  test('of the settings names every setting, and no other', () => {
    const table = [...read('README.md').matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, names = '']) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.split('.')[0]),
    );
    const source = read('lib/environments.ts');
    const fieldsAfter = (beginning: string) => {
      const from = source.indexOf(beginning);
      const schema = source.slice(from, source.indexOf('\n}', from));
      return [...schema.matchAll(/^ {2}(\w+)[:,]/gm)].map(([, name]) => name);
    };
    const settings = ['const credential = {', 'const environment = z.strictObject({'].flatMap(fieldsAfter);
    expect(new Set(table)).toEqual(new Set(settings));
  });
});
