import type * as z from 'zod';
import { show } from './show.ts';
import { suggestion } from './suggestion.ts';

/** What zod says of a value in words of its own, in ours: they follow the value in a sentence. */
export const words: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[issue.expected] ?? `a ${issue.expected}`}`;
    case 'too_small':
      return issue.minimum === 1 && issue.origin !== 'number'
        ? 'must not be empty'
        : `must ${amount(issue.origin)} at least ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `must ${amount(issue.origin)} at most ${issue.maximum}${unit(issue.origin)}`;
    default:
      return undefined;
  }
};

const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  object: 'an object',
  record: 'an object',
};

function amount(origin: string): string {
  return origin === 'number' || origin === 'int' ? 'be' : 'have';
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}

/**
 * Words for what zod found wrong in the environments: a line each, with the setting's path, its value and what is allowed.
 *
 * @param schema of the whole value, from which the allowed names are read
 * @param value what was parsed, with the error map `words`
 * @param files paths of the files that hold environments, by their names
 */
export function describeIssues(
  schema: z.ZodType,
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  files: ReadonlyMap<string, string>,
): string {
  return issues
    .flatMap((issue) => {
      const place = placeOf(issue.path, files);
      return describe(schema, issue, value).map(({ name, words: said }) => `${place(name)}: ${said}.`);
    })
    .join('\n');
}

interface Said {
  /** Of a setting below the path of the issue. */
  readonly name?: string;
  readonly words: string;
}

function describe(schema: z.ZodType, issue: z.core.$ZodIssue, value: unknown): Said[] {
  const found = at(value, issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const allowed = allowedNames(schema, issue.path);
      return issue.keys.map((name) => ({
        name,
        words: `no such setting${suggestion(name, allowed)}; allowed: ${allowed.join(', ')}`,
      }));
    }
    case 'invalid_key':
      return [{ words: `the name ${issue.issues[0]?.message ?? 'is not allowed'}` }];
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      const meant = typeof found === 'string' ? suggestion(found, allowed) : '';
      return [{ words: `${show(found)} is not allowed${meant}; allowed: ${allowed.join(', ')}` }];
    }
    case 'invalid_type':
      return [{ words: found === undefined ? `missing; it ${issue.message}` : `${show(found)} ${issue.message}` }];
    default:
      return [{ words: `${show(found)} ${issue.message}` }];
  }
}

/** Where a setting stands, as somebody looks for it: in cdk.json, or in a file of its own. */
function placeOf(
  path: readonly PropertyKey[],
  files: ReadonlyMap<string, string>,
): (name: string | undefined) => string {
  const [environment, ...setting] = path.map(String);
  const file = environment === undefined ? undefined : files.get(environment);
  return (name) => {
    const below = name === undefined ? [] : [name];
    return file === undefined || setting.length + below.length === 0
      ? ['environments', ...path, ...below].join('.')
      : `${file}: ${[...setting, ...below].join('.')}`;
  };
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
