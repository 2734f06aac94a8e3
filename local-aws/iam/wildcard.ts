import { notSupported } from '../errors.ts';

const compiled = new Map<string, RegExp>();

/** Whether a value matches an IAM pattern: `*` is any run of characters, `?` exactly one; all else is literal. */
export function matchesWildcard(value: string, pattern: string, flags = ''): boolean {
  const key = `${flags}:${pattern}`;
  let expression = compiled.get(key);
  if (!expression) {
    refusePolicyVariable(pattern);
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    expression = new RegExp(`^${source}$`, `s${flags}`);
    compiled.set(key, expression);
  }
  return expression.test(value);
}

/**
 * Refuses a text with a policy variable: taken as it stands, it would match nothing and nobody would know why.
 *
 * @throws AwsError
 */
export function refusePolicyVariable(text: string): void {
  if (text.includes('${')) throw notSupported(`IAM policy variables (${text})`);
}
