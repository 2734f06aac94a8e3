import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { bundleFolder } from '../../lib/bundle-folder.ts';

type BundleFolder = typeof bundleFolder;

/** The function as another process has it. */
function inAnotherProcess(): BundleFolder {
  let found: BundleFolder | undefined;
  jest.isolateModules(() => {
    found = (require('../../lib/bundle-folder.ts') as { bundleFolder: BundleFolder }).bundleFolder;
  });
  return found as BundleFolder;
}

const name = `bundle-of-test-${process.pid}`;
let builds: number;
let folder: string;
const build = (to: string) => {
  builds++;
  writeFileSync(join(to, 'index.js'), 'built');
};

beforeEach(() => {
  builds = 0;
  folder = '';
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a bundle', () => {
  test('is built once, however many environments use it', () => {
    const here = inAnotherProcess();
    folder = here(name, build);
    expect(here(name, build)).toBe(folder);
    expect(builds).toBe(1);
  });

  test('is there for the next synth too, whole', () => {
    folder = inAnotherProcess()(name, build);
    expect(inAnotherProcess()(name, build)).toBe(folder);
    expect(builds).toBe(1);
    expect(readFileSync(join(folder, 'index.js'), 'utf8')).toBe('built');
  });

  test('takes the place of the one of former sources, and of no other', () => {
    folder = inAnotherProcess()(name, build);
    const former = `${folder.slice(0, -16)}0123456789abcdef`;
    const others = folder.replace(name, 'another-bundle');
    writeFileSync(former, '');
    writeFileSync(others, '');
    rmSync(folder, { recursive: true });
    inAnotherProcess()(name, build);
    const left = readdirSync(dirname(folder));
    rmSync(others);
    expect(left).not.toContain(basename(former));
    expect(left).toEqual(expect.arrayContaining([basename(folder), basename(others)]));
  });

  test('that could not be built is not there for the next one: an empty folder would be deployed', () => {
    let left = '';
    const failing = () =>
      inAnotherProcess()(name, (to) => {
        left = to;
        throw new Error('a syntax error');
      });
    expect(failing).toThrow('a syntax error');
    expect(existsSync(left)).toBe(false);
    expect(failing).toThrow('a syntax error');
  });
});
