import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOfSources } from '../../lib/digest-of-sources.ts';
import { temporaryFolder } from '../agent/support/temporary-folder.ts';

let project: ReturnType<typeof temporaryFolder>;
const write = (file: string, content: string) => {
  mkdirSync(join(project.path, file, '..'), { recursive: true });
  writeFileSync(join(project.path, file), content);
};
const digest = () => digestOfSources(project.path);

beforeEach(() => {
  project = temporaryFolder();
  write('node_modules/.package-lock.json', '{}');
  write('agent/src/main.ts', 'main');
  write('lib/credential-provider/handler/index.ts', 'handler');
});

afterEach(() => project.remove());

describe('the digest of the sources', () => {
  test('stays the same while nothing changes, whatever else there is', () => {
    const before = digest();
    write('agent/bundle/main.mjs', 'a bundle that somebody made by hand');
    write('agent/node_modules/package/index.js', 'npm says what is installed');
    write('docs/page.md', 'no source');
    symlinkSync(join(project.path, 'node_modules'), join(project.path, 'lib/node_modules'));
    expect(digest()).toBe(before);
    expect(before).toMatch(/^[0-9a-f]{16}$/);
  });

  test.each<[string, () => void]>([
    ['a source of the agent', () => write('agent/src/main.ts', 'changed')],
    ['a source of the handler', () => write('lib/credential-provider/handler/index.ts', 'changed')],
    ['how they are bundled', () => write('agent/bundle.ts', 'bundle')],
    ['a hidden file', () => write('agent/.dockerignore', '*')],
    ['the Dockerfile', () => write('agent/Dockerfile', 'FROM')],
    ['an installed package', () => write('node_modules/.package-lock.json', '{"packages": {}}')],
    ['the name of a file', () => write('agent/src/other.ts', '')],
    ['a file that is gone', () => rmSync(join(project.path, 'agent/src/main.ts'))],
  ])('changes with %s', (_, change) => {
    const before = digest();
    change();
    expect(digest()).not.toBe(before);
  });

  test('is not there where npm has installed nothing: nobody knows what a bundle would be made of', () => {
    rmSync(join(project.path, 'node_modules'), { recursive: true });
    expect(digest()).toBeUndefined();
  });
});
