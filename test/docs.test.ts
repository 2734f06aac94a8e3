import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { synthesize } from './lib/synthesize.ts';
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

  test.each([
    'README.md',
    'SECURITY.md',
    'docs/threat-model.md',
    'docs/unproven.md',
    'docs/pipelines.md',
    'docs/coming-from.md',
    'docs/architecture.md',
  ])('%s has links that lead somewhere', (file) => {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(join(projectFolder, dirname(file), path)))).toEqual([]);
  });

  test('name commands that there are', () => {
    const pages = ['README.md', 'README.ko.md', 'agent/README.md', ...readdirSync(join(projectFolder, 'docs'))].flatMap(
      (name) => (name.endsWith('.md') ? [name.includes('README') ? name : `docs/${name}`] : []),
    );
    const unknown = pages.flatMap((page) =>
      [...read(page).matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g)]
        .filter(([, script = '']) => !Object.hasOwn(packageJson.scripts, script))
        .map(([command]) => `${page}: ${command}`),
    );
    expect([...new Set(unknown)]).toEqual([]);
  });

  test.each(['identity', 'agent'] as const)('of the architecture names all that the stack %s holds', (stack) => {
    const row = read('docs/architecture.md')
      .split('\n')
      .find((line) => line.startsWith(`| ${stack} |`));
    const types = [{}, { callersWithoutUser: true, alarms: { email: 'on-call@example.com' } }].flatMap((settings) =>
      Object.values(synthesize(settings)[stack].toJSON().Resources as Record<string, { Type: string }>).map(
        ({ Type }) => Type,
      ),
    );
    expect([...new Set(types)].filter((type) => !row?.includes(`\`${type}\``))).toEqual([]);
  });

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
