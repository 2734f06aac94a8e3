import { notSupported } from '../errors.ts';

type Matcher = (value: string) => boolean;

const matchers = { '': new Map<string, Matcher>(), i: new Map<string, Matcher>() };

/**
 * Whether a value matches an IAM pattern: `*` is any run of characters, `?` exactly one; all else is literal.
 *
 * @param flags `i` where upper and lower case are the same
 */
export function matchesWildcard(value: string, pattern: string, flags: keyof typeof matchers = ''): boolean {
  let matcher = matchers[flags].get(pattern);
  if (!matcher) {
    refusePolicyVariable(pattern);
    matcher = matcherOf(pattern, flags);
    matchers[flags].set(pattern, matcher);
  }
  return matcher(value);
}

function matcherOf(pattern: string, flags: keyof typeof matchers): Matcher {
  if (pattern === '*') return () => true;
  if (flags === '' && !/[*?]/.test(pattern)) return (value) => value === pattern;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, `s${flags}`);
  return (value) => expression.test(value);
}

/**
 * Refuses a text with a policy variable: taken as it stands, it would match nothing and nobody would know why.
 *
 * @throws AwsError
 */
export function refusePolicyVariable(text: string): void {
  if (text.includes('${')) throw notSupported(`IAM policy variables (${text})`);
}
