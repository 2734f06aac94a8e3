import { notSupported } from '../errors.ts';
import { compileJsonPattern } from './json-pattern.ts';

/**
 * Compiles a filter pattern of CloudWatch Logs: one for JSON, in braces, or words and "quoted phrases", all of which a
 * message has to contain, in their case. No pattern lets everything pass.
 *
 * @throws AwsError for space-delimited, optional, excluding and regular-expression patterns
 */
export function compileFilterPattern(pattern: string): (message: string) => boolean {
  if (pattern.trimStart().startsWith('{')) return compileJsonPattern(pattern);
  const terms: string[] = [];
  for (const [, phrase, word] of pattern.matchAll(/"([^"]*)"|(\S+)/g)) {
    if (word !== undefined && !/^\w+$/.test(word)) throw notSupported(`the filter pattern ${pattern}`);
    terms.push((phrase ?? word) as string);
  }
  return (message) => terms.every((term) => message.includes(term));
}
