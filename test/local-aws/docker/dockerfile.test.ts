import { parseDockerfile } from '../../../local-aws/docker/dockerfile.ts';
import { compileIgnoreFile } from '../../../local-aws/docker/ignore-file.ts';
import { splitWords } from '../../../local-aws/docker/words.ts';

const lines = (...all: string[]) => all.join('\n');

describe('a Dockerfile', () => {
  test('that only copies is read', () => {
    const plan = parseDockerfile(
      lines(
        '# syntax=docker/dockerfile:1',
        '',
        'FROM public.ecr.aws/docker/library/node:24-slim',
        'ENV NODE_ENV=production GREETING="hello world"',
        'ENV OLD form of it',
        'LABEL maintainer="me"',
        'WORKDIR /app',
        'workdir sub',
        'COPY bundle/ ./',
        'COPY --chown=1000:1000 --chmod=755 a.mjs b.mjs /opt/',
        'COPY ["with space.txt", "renamed.txt"]',
        'USER 1000',
        'EXPOSE 8080',
        'ENTRYPOINT ["node"]',
        'CMD ["main.mjs", "--flag"]',
      ),
    );
    expect(plan).toEqual({
      base: 'public.ecr.aws/docker/library/node:24-slim',
      environment: { NODE_ENV: 'production', GREETING: 'hello world', OLD: 'form of it' },
      workingDirectory: '/app/sub',
      folders: ['/app', '/app/sub'],
      user: '1000',
      entrypoint: ['node'],
      command: ['main.mjs', '--flag'],
      copies: [
        { sources: ['bundle/'], destination: '/app/sub', intoFolder: true },
        { sources: ['a.mjs', 'b.mjs'], destination: '/opt', intoFolder: true, executable: true },
        { sources: ['with space.txt'], destination: '/app/sub/renamed.txt', intoFolder: false },
      ],
    });
  });

  test('goes on after a backslash, past comments', () => {
    const plan = parseDockerfile(lines('FROM a', 'ENV A=1 \\', '  # between', '', '  B=2', 'CMD [ \\', '"x"]'));
    expect(plan).toMatchObject({ environment: { A: '1', B: '2' }, command: ['x'] });
  });

  test('names its platform', () => {
    expect(parseDockerfile(lines('FROM --platform=linux/arm64 a AS app', 'CMD ["x"]')).platform).toBe('linux/arm64');
  });

  test('the last CMD counts', () => {
    expect(parseDockerfile(lines('FROM a', 'CMD ["x"]', 'CMD ["y"]')).command).toEqual(['y']);
  });

  test('a destination cannot leave the image', () => {
    expect(parseDockerfile(lines('FROM a', 'COPY x /../../etc/', 'CMD ["x"]')).copies[0]?.destination).toBe('/etc');
  });

  test.each([
    ['RUN npm ci', 'RUN (line 2)'],
    ['ADD a b', 'ADD (line 2)'],
    ['HEALTHCHECK CMD x', 'HEALTHCHECK (line 2)'],
    ['VOLUME /data', 'VOLUME (line 2)'],
    ['FROM other', 'FROM (line 2): a build of several stages'],
    ['COPY --from=build a /b', 'COPY (line 2) --from'],
    ['COPY $FILE /b', 'COPY (line 2) with the substitution of a variable'],
    ['ENV A=${B}', 'ENV (line 2) with the substitution of a variable'],
    ['COPY <<EOF /b', 'COPY (line 2) with a here-document'],
    ['COPY a b', "COPY (line 2): a path relative to the base image's own WORKDIR"],
    ['CMD node main.mjs', 'CMD (line 2) in the shell form'],
    ['ENTRYPOINT node', 'ENTRYPOINT (line 2) in the shell form'],
    ['CMD ["node", 1]', 'CMD (line 2) in the shell form'],
    ['COPY --chmod=u+x a /b', 'COPY (line 2) --chmod=u+x'],
  ])('with %s is refused by name and line', (instruction, place) => {
    expect(() => parseDockerfile(lines('FROM a', instruction, 'CMD ["x"]'))).toThrow(
      new RegExp(`^${place.replace(/[()[\].*+?^$|\\]/g, '\\$&')}.* needs the real docker`),
    );
  });

  test('a build argument that the base depends on is refused', () => {
    expect(() => parseDockerfile(lines('ARG VERSION=24', 'FROM node:${VERSION}', 'CMD ["x"]'))).toThrow(
      'FROM (line 2) with the substitution of a variable',
    );
  });

  test('without a command of its own is refused: the base image is not here', () => {
    expect(() => parseDockerfile(lines('FROM a', 'WORKDIR /app'))).toThrow('neither CMD nor ENTRYPOINT');
  });

  test.each([
    ['', 'The Dockerfile has no FROM.'],
    ['CMD ["x"]', 'CMD (line 1): a Dockerfile begins with FROM.'],
    ['FROM', 'FROM (line 1) names no image.'],
    ['FROM a\nCOPY x', 'COPY (line 2) needs a source and a destination.'],
    ['FROM a\nCOPY x y /z', 'the destination must be a directory and end with a /'],
  ])('%j is wrong for docker too', (text, message) => {
    expect(() => parseDockerfile(text)).toThrow(message);
  });
});

test.each([
  ['a b', ['a', 'b']],
  ['a="b c" d=\'e "f\'', ['a=b c', 'd=e "f']],
  ['a\\ b ""', ['a b', '']],
])('the words of %j', (text, words) => {
  expect(splitWords(text)).toEqual(words);
});

describe('.dockerignore', () => {
  const ignored = compileIgnoreFile(
    lines('# comment', 'node_modules', '**/*.test.ts', '/secret/', '*.md', '!README.md', 'dist/*', '!dist/keep'),
  );
  test.each([
    ['node_modules', true],
    ['node_modules/a/index.js', true],
    ['src/node_modules', false],
    ['a.test.ts', true],
    ['src/deep/a.test.ts', true],
    ['secret/key', true],
    ['NOTES.md', true],
    ['README.md', false],
    ['docs/NOTES.md', false],
    ['dist/a', true],
    ['dist/keep', false],
    ['# comment', false],
  ])('%s: %s', (path, expected) => {
    expect(ignored(path)).toBe(expected);
  });
});
