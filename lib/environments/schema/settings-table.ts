import * as z from 'zod';
import { credential } from '../credential.ts';
import { settingGroups } from '../environment.ts';
import { jsonSchemaOf } from './json-schema.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The settings as tables in Markdown, one for each group. */
export function settingsTables(): string {
  return Object.entries(settingGroups)
    .map(([title, group]) =>
      [
        `## ${title}`,
        '',
        '| setting | default | |',
        '|---|---|---|',
        ...rows(jsonSchemaOf(z.strictObject(group)), ''),
      ].join('\n'),
    )
    .join('\n\n');
}

function rows({ properties = {}, required = [] }: JsonSchema, prefix: string): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    // They are described once, as the key's.
    if (typeof schema === 'boolean' || (prefix && Object.hasOwn(credential, name))) return [];
    const [description = '', said = ''] = (schema.description ?? '').split(/ ?Default: /);
    const initial = required.includes(name) ? '(required)' : shown(schema.default) || said.replace(/\.$/, '');
    return [`| \`${prefix}${name}\` | ${initial} | ${description} |`, ...rows(schema, `${prefix}${name}.`)];
  });
}

function shown(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'object' ? 'none' : `\`${value}\``;
}
