import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../support/run.ts';
import { Screen } from './screen.ts';
import { terminalPicture } from './svg.ts';
import { Terminal } from './terminal.ts';

// Runs the commands in a terminal and draws what they print: docs/pictures/*.svg. Needs Linux.

const columns = 132;
const esc = '\x1b';
const folder = join(projectFolder, 'docs/pictures');
/** Readline's, at the end of what was printed. */
const prompt = new RegExp(`> (${esc}\\[\\d*G)?$`);
const ctrlC = '\x03';
const ctrlD = '\x04';

function draw(name: string, title: string, command: string, output: string): void {
  // Nobody needs to know where this checkout is, or who has made the picture.
  for (const path of [projectFolder, process.env.HOME ?? '']) {
    if (path.length > 1 && output.includes(path)) throw new Error(`${name} would show the path ${path}`);
  }
  const screen = new Screen(columns);
  screen.write(`${esc}[32m$${esc}[0m ${esc}[1m${command}${esc}[0m\r\n${output}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.svg`), terminalPicture(title, screen.rows(), columns));
}

async function start(): Promise<void> {
  const command = 'npm start';
  const terminal = new Terminal(command, columns);
  await terminal.ended();
  draw(
    'start',
    `${command}: the stacks are deployed to an AWS on this machine, and the agent answers`,
    command,
    terminal.output,
  );
}

async function chat(): Promise<void> {
  const aws = new Terminal('npm start -- --stay', columns);
  const [, exports = ''] = await aws.waitFor(/export (.*)\r\n/);
  await aws.waitFor(/Ctrl-C ends it/);
  const environment = Object.fromEntries(
    [...exports.matchAll(/(\w+)='([^']*)'/g)].map(([, name, value]) => [name, value]),
  );
  const command = 'npm run invoke -- --environment dev --chat';
  const terminal = new Terminal(command, columns, environment);
  for (const question of ['How much is 2X2?', 'And how much is (17 + 4) * 3 / 7?', 'What is the weather now?']) {
    await terminal.waitFor(prompt);
    terminal.type(`${question}\r`);
    await terminal.waitFor(/tokens read/);
  }
  await terminal.waitFor(prompt);
  terminal.type(ctrlD);
  await terminal.ended();
  aws.type(ctrlC);
  await aws.ended();
  draw('chat', `${command}: three questions, the calls of tools, and the answers`, command, terminal.output);
}

await start();
await chat();
