import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentSettings } from '../lib/environments/environment.ts';
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

  test('name settings that there are', () => {
    const rows = [...read('README.md').matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, names = '']) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    );
    expect(rows).toContain('secret');
    expect(rows.filter((name) => !Object.hasOwn(environmentSettings.shape, name))).toEqual([]);
  });
});
