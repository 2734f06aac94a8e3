import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { projectFolder } from './support/run.ts';

/** For each file of the folders, the files of this project that it imports. */
function importsBelow(...folders: string[]): { file: string; imported: string }[] {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...folders], {
    cwd: projectFolder,
    encoding: 'utf8',
  });
  return files
    .split('\n')
    .filter((file) => /\.(ts|js)$/.test(file))
    .flatMap((file) => {
      const source = readFileSync(join(projectFolder, file), 'utf8');
      const imports = [...source.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)];
      return imports.map(([, path]) => ({ file, imported: normalize(join(file, '..', path as string)) }));
    });
}

const leading = (folder: string) => (path: string) => path.startsWith(`${folder}/`);

describe('arrows go one way', () => {
  test('nothing that is shipped knows local-aws, the offline model or the tests; only cli/start starts them', () => {
    const imports = importsBelow('bin', 'lib', 'agent', 'cli');
    expect(imports.length).toBeGreaterThan(50);
    const strays = imports.filter(
      ({ file, imported }) => /^(local-aws|offline-model|test)\//.test(imported) && !leading('cli/start')(file),
    );
    expect(strays).toEqual([]);
  });

  test('the agent knows nothing of what deploys it', () => {
    expect(importsBelow('agent').filter(({ imported }) => !leading('agent')(imported))).toEqual([]);
  });

  test.each([
    ['credential-provider', ['resource-properties.ts', 'api-key.ts']],
    ['custom-resource', ['timeouts.ts']],
  ])('the handler of %s knows nothing of the constructs but what it shares with its own', (name, shared) => {
    const strays = importsBelow(`lib/${name}/handler`).filter(
      ({ imported }) =>
        !leading(`lib/${name}/handler`)(imported) &&
        !leading('lib/custom-resource/handler')(imported) &&
        !shared.some((file) => imported === `lib/${name}/${file}`),
    );
    expect(strays).toEqual([]);
  });

  test('lib knows no command, and local-aws knows nothing of the app that is deployed to it', () => {
    expect(importsBelow('lib').filter(({ imported }) => leading('cli')(imported))).toEqual([]);
    expect(importsBelow('local-aws').filter(({ imported }) => !leading('local-aws')(imported))).toEqual([]);
  });
});
