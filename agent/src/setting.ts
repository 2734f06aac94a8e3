import { redact } from './redact.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that is missing or not allowed; the message is one line and names variable, value and what is allowed. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** A rule for the text of one variable. */
export interface Rule<T> {
  readonly allowed: string;
  /** Gives undefined for what is not allowed. */
  readonly parse: (text: string) => T | undefined;
  readonly fallback?: T;
}

/**
 * Reads one variable; one that is empty counts as not set.
 *
 * @throws SettingsError if it is not allowed, or not set and without a fallback
 */
export function read<T>(env: Environment, name: string, rule: Rule<T>): T {
  const text = env[name]?.trim();
  if (!text) {
    if ('fallback' in rule) return rule.fallback as T;
    throw new SettingsError(`${name} is not set, but must be ${rule.allowed}.`);
  }
  const value = rule.parse(text);
  if (value === undefined) {
    throw new SettingsError(`${name} is ${JSON.stringify(redact(text))}, but must be ${rule.allowed}.`);
  }
  return value;
}

/** The same for a variable that may be left out. */
export function readOptional<T>(env: Environment, name: string, rule: Rule<T>): T | undefined {
  return read<T | undefined>(env, name, { ...rule, fallback: undefined });
}

export function matching(pattern: RegExp): (text: string) => string | undefined {
  return (text) => (pattern.test(text) ? text : undefined);
}

export function oneOf<const T extends string>(...values: readonly T[]): Rule<T> {
  return { allowed: values.join(' or '), parse: (text) => values.find((value) => value === text) };
}

export function wholeNumber(least: number, most: number): (text: string) => number | undefined {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  };
}

/** A URL to which a key may be sent: encrypted, or on this machine, and with nothing secret in it. */
export function urlForKeys(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const onThisMachine = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  const encrypted = url.protocol === 'https:' || (url.protocol === 'http:' && onThisMachine);
  return encrypted && !url.username && !url.password && !url.search && !url.hash ? text : undefined;
}
