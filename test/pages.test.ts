import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { synthesize } from './lib/synthesize.ts';
import { projectFolder } from './support/run.ts';

const read = (file: string) => readFileSync(join(projectFolder, file), 'utf8');

const pages = ['README.md', 'README.ko.md', 'agent/README.md', ...readdirSync(join(projectFolder, 'docs'))]
  .filter((name) => name.endsWith('.md'))
  .map((name) => (name.includes('README') ? name : `docs/${name}`));

describe('every page', () => {
  test.each(pages)('%s has links that lead somewhere', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(join(projectFolder, dirname(page), path)))).toEqual([]);
  });

  test.each(pages)('%s has links to headings that there are', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)];
    const dead = links.filter(([, path = '', heading = '']) => {
      const file = path === '' ? page : join(dirname(page), path);
      return !anchorsOf(read(file)).includes(heading);
    });
    expect(dead.map(([link]) => link)).toEqual([]);
  });

  test.each(pages)('%s names commands that there are', (page) => {
    const unknown = [...read(page).matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g)]
      .filter(([, script = '']) => !Object.hasOwn(packageJson.scripts, script))
      .map(([command]) => command);
    expect([...new Set(unknown)]).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  test.each(['identity', 'agent'] as const)('names all that the stack %s holds', (stack) => {
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
});

/** The headings of a page, as GitHub links to them. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}
