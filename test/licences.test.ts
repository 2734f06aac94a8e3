import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './support/run.ts';

/** Licences that ask for no more than their own text to be passed on. */
const permissive = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];
/** Beside them, for what is never shipped: data that tools read. */
const ofTools = [...permissive, 'CC-BY-4.0'];

interface LockedPackage {
  readonly license?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
}

/** The packages whose licence is not among those allowed; an expression with OR leaves the choice to us. */
function strays(packages: Readonly<Record<string, LockedPackage>>): string[] {
  const isAllowed = ({ license = '', dev }: LockedPackage) =>
    license
      .replace(/^\(|\)$/g, '')
      .split(' OR ')
      .some((choice) => (dev ? ofTools : permissive).includes(choice));
  return Object.entries(packages)
    .filter(([path, locked]) => path.includes('node_modules/') && !locked.link && !isAllowed(locked))
    .map(([path, { license = 'no licence' }]) => `${path}: ${license}`);
}

describe('the licence of every dependency', () => {
  test('is permissive', () => {
    const lock = JSON.parse(readFileSync(join(projectFolder, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, LockedPackage>;
    };
    expect(Object.keys(lock.packages).length).toBeGreaterThan(100);
    expect(strays(lock.packages)).toEqual([]);
  });

  test.each<[string, LockedPackage]>([
    ['AGPL', { license: 'AGPL-3.0-only' }],
    ['not named', {}],
    ['one that adds to a permissive one', { license: 'MIT AND GPL-3.0-only' }],
    ['for tools only, in what is shipped', { license: 'CC-BY-4.0' }],
  ])('is found where it is %s', (_, locked) => {
    expect(strays({ 'node_modules/x': locked })).toHaveLength(1);
  });
});
