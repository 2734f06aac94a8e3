import { needsDocker } from './refusal.ts';

/** A command line, taken apart: flags by their long names, each with all its values, and what is left. */
export interface CommandLine {
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
}

/**
 * Takes a command line apart.
 *
 * @param known the flags by their long names: whether each takes a value
 * @throws Refusal naming a flag that is not known
 */
export function readCommandLine(
  command: string,
  words: readonly string[],
  known: Readonly<Record<string, 'value' | 'switch'>>,
): CommandLine {
  const flags = new Map<string, string[]>();
  const operands: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
      continue;
    }
    const [, dashes, name, inline] = /^(--?)([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    const longName = dashes === '-' ? shortNames[name ?? ''] : name;
    const kind = longName !== undefined && Object.hasOwn(known, longName) ? known[longName] : undefined;
    if (longName === undefined || !kind) throw needsDocker(`docker ${command} ${dashes ?? ''}${name ?? word}`);
    const value = kind === 'switch' ? 'true' : (inline ?? words[++at] ?? '');
    flags.set(longName, [...(flags.get(longName) ?? []), value]);
  }
  return { flags, operands };
}

const shortNames: Record<string, string> = { t: 'tag', f: 'file', u: 'username' };
