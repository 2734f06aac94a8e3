import { cdkSchema, environmentSchema } from './json-schema.ts';
import { settingsTables } from './settings-table.ts';

const beginning = '<!-- Written by npm run schema, from lib/environments. -->\n';
const end = '\n<!-- End of what is written. -->';

/** Files that follow from the settings: what each is to hold, by its path below the project's folder. */
export const written: Readonly<Record<string, (now: () => string) => string>> = {
  'schema/environment.schema.json': () => json(environmentSchema()),
  'schema/cdk.schema.json': () => json(cdkSchema('environment.schema.json')),
  'docs/environments.md': (now) => between(now(), settingsTables()),
};

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** A page with its tables, and everything else as it is. */
function between(page: string, tables: string): string {
  const [before, rest] = page.split(beginning);
  const after = rest?.slice(rest.indexOf(end));
  if (rest === undefined || !after?.startsWith(end))
    throw new Error('docs/environments.md lacks the marks of its tables.');
  return `${before}${beginning}\n${tables}\n${after}`;
}
