import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { environmentSettings } from '../lib/environments/environment.ts';
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
    'docs/environments.md',
    'docs/threat-model.md',
    'docs/unproven.md',
    'docs/pipelines.md',
    'docs/coming-from.md',
    'docs/architecture.md',
    'docs/runbook.md',
  ])('%s has links that lead somewhere', (file) => {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(join(projectFolder, dirname(file), path)))).toEqual([]);
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

  test('name settings that there are', () => {
    const rows = [...read('README.md').matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, names = '']) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    );
    expect(rows).toContain('secret');
    expect(rows.filter((name) => !Object.hasOwn(environmentSettings.shape, name))).toEqual([]);
  });
});
