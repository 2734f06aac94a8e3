import { settingRows } from '../../lib/environments/rows.ts';
import { accountRows } from '../doctor/rows/account.ts';
import { credentialsRows } from '../doctor/rows/credentials.ts';
import { dockerRows } from '../doctor/rows/docker.ts';
import { networkRows } from '../doctor/rows/network.ts';
import { secretRows } from '../doctor/rows/secret.ts';
import { noAgentCore, startRows } from '../doctor/rows/start.ts';
import { protectedRows, sharedSecretRow } from '../down/rows.ts';
import { keyRows } from '../rows-of-keys.ts';
import { busyLine, protectedStandRow, readyRows, stuckRows, unattendedRows } from '../up/rows.ts';

/** Where the page is, from the project's folder. */
export const pagePath = 'docs/wrong-inputs.md';

/** The command that writes it anew. */
export const pageCommand = 'npm run wrong-inputs';

const head = `# What can be wrong, and what is said of it

<!-- Written by \`${pageCommand}\` from the rows of the tests, which hold the commands to them. Not by hand. -->

Each row is tried in a test, and these are the lines that are printed: by \`npm run doctor\`, with what it looked at in front
and what to do behind the arrow, and where it is said by the commands that are named. ✗ stops a deployment or the agent, ! is for you to think about.`;

/** What is wrong, and the lines that are printed. */
type PageRow = readonly [what: string, lines: readonly string[]];

const withLine = ([what, , line]: readonly [string, unknown, string]): PageRow => [what, [line]];
const withLines = ([what, , lines]: readonly [string, unknown, readonly string[]]): PageRow => [what, lines];

const sections: readonly (readonly [title: string, rows: readonly PageRow[]])[] = [
  [
    'Settings of an environment in `cdk.json`, said by `npx cdk` and every command',
    settingRows.map(([what, , lines]) => [what, lines.split('\n')]),
  ],
  ['Credentials, account and Region', [...startRows.map(withLine), ...credentialsRows.map(withLines)]],
  ['The account', [withLine(noAgentCore), ...accountRows.map(withLines)]],
  ['The secret', secretRows.map(withLines)],
  ['The network of an environment in a VPC', networkRows.map(withLines)],
  ['Docker', dockerRows.map(withLine)],
  [
    'The key, with `--verify` (of `set-key` too, which then stores none that is refused or could not be asked about)',
    keyRows.map(([what, , { found, remedy }]) => [what, [`${found.replace('HOST', 'api.openai.com')} → ${remedy}`]]),
  ],
  [
    'What a former deployment has left, said by `npm run up`',
    [
      ['a deployment was interrupted, and CloudFormation is at work', [busyLine('UPDATE_IN_PROGRESS')]],
      ...[...readyRows, ...stuckRows, protectedStandRow].map(withLine),
    ],
  ],
  [
    'In the way of `npm run up` and `npm run down`',
    [
      ...unattendedRows.map(([command, line]): PageRow => [`nobody is at a terminal (\`${command}\`)`, [line]]),
      ...protectedRows.map(withLine),
      [sharedSecretRow[0], [sharedSecretRow[1]]],
    ],
  ],
];

/** The page, as Markdown. */
export function wrongInputsPage(): string {
  const parts = sections.map(([title, rows]) => `## ${title}\n\n${table(rows)}`);
  return `${[head, ...parts].join('\n\n')}\n`;
}

function table(rows: readonly PageRow[]): string {
  const cells = rows.map(([what, lines]) => [what, lines.map((line) => line.replaceAll('|', '\\|')).join('<br>')]);
  return [['What is wrong', 'What is printed'], ['---', '---'], ...cells]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}
