import { redact } from './redact.ts';

/** Environment variables, such as `process.env`, or those that a template is about to set. */
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
}

/**
 * Reads a variable that must be there.
 *
 * @throws SettingsError if it is missing, empty or not allowed
 */
export function required<T>(env: Environment, name: string, rule: Rule<T>): T {
  const value = optional(env, name, rule);
  if (value === undefined) throw new SettingsError(`${name} is not set, but must be ${rule.allowed}.`);
  return value;
}

/**
 * Reads a variable that may be missing, or empty.
 *
 * @throws SettingsError if it is not allowed
 */
export function optional<T>(env: Environment, name: string, rule: Rule<T>): T | undefined {
  const text = textOf(env, name);
  if (text === undefined) return undefined;
  const value = rule.parse(text);
  if (value === undefined) {
    throw new SettingsError(`${name} is ${JSON.stringify(redact(text))}, but must be ${rule.allowed}.`);
  }
  return value;
}

/** @returns undefined for a variable that is not set, or is empty */
export function textOf(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}

export function matching(pattern: RegExp): (text: string) => string | undefined {
  return (text) => (pattern.test(text) ? text : undefined);
}

export function wholeNumber(least: number, most: number): (text: string) => number | undefined {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  };
}

/** Whether whoever listens there is on this machine. */
export function isOnThisMachine(url: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
}

/** A URL to which a key may be sent: encrypted, or on this machine, and with nothing secret in it. */
export function urlForKeys(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const encrypted = url.protocol === 'https:' || (url.protocol === 'http:' && isOnThisMachine(text));
  return encrypted && !url.username && !url.password && !/[?#]/.test(text) ? text : undefined;
}

export function oneOf<T extends string>(values: readonly T[]): Rule<T> {
  return { allowed: values.join(' or '), parse: (text) => values.find((value) => value === text) };
}
