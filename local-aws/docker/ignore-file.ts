import { needsDocker } from './refusal.ts';

/**
 * Compiles a .dockerignore: whether a path of the build context is left out. The last pattern that matches a path or a
 * folder above it decides; `!` brings it back.
 */
export function compileIgnoreFile(text: string): (path: string) => boolean {
  const rules = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const isException = line.startsWith('!');
      const pattern = (isException ? line.slice(1) : line).trim().replace(/^(?:\.?\/)+|\/+$/g, '');
      return { isException, expression: compilePathPattern(pattern, true) };
    });
  return (path) => {
    const parts = path.split('/');
    const withFolders = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    const last = rules.findLast(({ expression }) => withFolders.some((each) => expression.test(each)));
    return last !== undefined && !last.isException;
  };
}

/**
 * Compiles a path pattern as Docker has them: `*` and `?` stay within one part of the path.
 *
 * @param deep whether `**` stands for any number of folders
 */
export function compilePathPattern(pattern: string, deep: boolean): RegExp {
  if (/[[\]\\]/.test(pattern)) throw needsDocker(`The pattern "${pattern}", with a character class or a backslash,`);
  const source = pattern.replace(/[.+^${}()|]/g, '\\$&').replace(/\*\*\/|\*\*|\*|\?/g, (wildcard) => {
    if (deep && wildcard === '**/') return '(?:.*/)?';
    if (deep && wildcard === '**') return '.*';
    return wildcard === '?' ? '[^/]' : wildcard.replace(/\*+/, '[^/]*');
  });
  return new RegExp(`^${source}$`, 's');
}
