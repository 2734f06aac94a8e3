import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFolder } from '../../lib/bundle-folder.ts';

describe('a bundle', () => {
  test('is built once, however many environments use it', () => {
    let builds = 0;
    const folder = () =>
      bundleFolder('built-once', (to) => {
        builds++;
        writeFileSync(join(to, 'index.js'), '');
      });
    expect(folder()).toBe(folder());
    expect(builds).toBe(1);
  });

  test('that could not be built is not there for the next one: an empty folder would be deployed', () => {
    let left = '';
    const failing = () =>
      bundleFolder('failing', (to) => {
        left = to;
        throw new Error('a syntax error');
      });
    expect(failing).toThrow('a syntax error');
    expect(existsSync(left)).toBe(false);
    expect(failing).toThrow('a syntax error');
  });
});
