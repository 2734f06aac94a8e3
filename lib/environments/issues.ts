import type * as z from 'zod';
import { redact } from '../../agent/src/redact.ts';

/**
 * Words for what zod found wrong in the environments: a line each, with the setting's path, its value and what is allowed.
 *
 * @param schema of the whole value, from which the allowed names are read
 */
export function describeIssues(schema: z.ZodType, issues: readonly z.core.$ZodIssue[], value: unknown): string {
  return issues.flatMap((issue) => describe(schema, issue, value)).join('\n');
}

function describe(schema: z.ZodType, issue: z.core.$ZodIssue, value: unknown): string[] {
  const path = ['environments', ...issue.path].join('.');
  switch (issue.code) {
    case 'unrecognized_keys': {
      const allowed = allowedNames(schema, issue.path);
      return issue.keys.map(
        (key) => `${path}.${key}: no such setting${suggestion(key, allowed)}; allowed: ${allowed.join(', ')}.`,
      );
    }
    case 'invalid_key':
      return [`${path}: the name ${issue.issues[0]?.message ?? 'is not allowed'}.`];
    case 'invalid_value':
      return [
        `${path}: ${show(at(value, issue.path))} is not allowed; allowed: ${issue.values.map(String).join(', ')}.`,
      ];
    case 'invalid_type':
      return at(value, issue.path) === undefined
        ? [`${path}: missing; it must be ${article(issue.expected)}.`]
        : [`${path}: ${show(at(value, issue.path))} must be ${article(issue.expected)}.`];
    case 'too_small':
      return [`${path}: ${show(at(value, issue.path))} must not be empty.`];
    default:
      return [`${path}: ${show(at(value, issue.path))} ${issue.message}.`];
  }
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function show(value: unknown): string {
  const shown = JSON.stringify(value) ?? 'undefined';
  const safe = redact(shown).replace(/\/\/[^/@"]*@/, '//[redacted]@');
  return safe.length > 80 ? `${safe.slice(0, 77)}…` : safe;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((node, key) => (node as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

/** The names of the settings where the path leads; a record's keys stand for any name. */
function allowedNames(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let node: unknown = schema;
  for (const key of path) {
    const { shape, valueType } = definition(node);
    node = shape ? shape[String(key)] : valueType;
  }
  return Object.keys(definition(node).shape ?? {});
}

function definition(schema: unknown): { shape?: Record<string, unknown>; valueType?: unknown } {
  const { def } = schema as { def: { shape?: Record<string, unknown>; valueType?: unknown; innerType?: unknown } };
  return def.innerType ? definition(def.innerType) : def;
}

function suggestion(name: string, allowed: readonly string[]): string {
  const nearest = allowed
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return nearest && nearest.distance <= Math.max(2, name.length / 3) ? ` (did you mean ${nearest.candidate}?)` : '';
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, substitute));
    }
    row = next;
  }
  return row[b.length] as number;
}
