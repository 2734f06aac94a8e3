import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { NodeChild } from '../../../local-aws/process/node-child.ts';
import { eventually, isAlive } from '../lambda/support.ts';

const childOf = (source: string, lines: string[] = []) =>
  new NodeChild({
    args: ['-e', source],
    cwd: process.cwd(),
    env: { PATH: process.env.PATH ?? '' },
    onLine: (line) => lines.push(line),
  });

it('has the environment that it was given and no other', async () => {
  const lines: string[] = [];
  const child = childOf('console.log(Object.keys(process.env).join())', lines);
  await child.exited;
  expect(lines).toEqual(['PATH']);
});

it('ends on SIGTERM, or else on SIGKILL, with all that it started', async () => {
  const lines: string[] = [];
  const child = childOf(
    `process.on('SIGTERM', () => {});
     const { pid } = require('node:child_process').spawn('sleep', ['1000'], { stdio: 'ignore' });
     console.log(pid); setInterval(() => {}, 1000);`,
    lines,
  );
  expect(await eventually(() => lines.length === 1)).toBe(true);
  await child.end(100);
  expect(child.alive).toBe(false);
  await expect(child.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
  expect(await eventually(() => !isAlive(Number(lines[0])))).toBe(true);
});

it('takes what it started with it when it ends by itself', async () => {
  const lines: string[] = [];
  const child = childOf(
    `const { pid } = require('node:child_process').spawn('sleep', ['1000'], { stdio: 'ignore' });
     console.log(pid); setTimeout(() => process.exit(0), 50);`,
    lines,
  );
  await expect(child.exited).resolves.toEqual({ code: 0, signal: null });
  expect(await eventually(() => !isAlive(Number(lines[0])))).toBe(true);
});

it('dies with local-aws even when that is killed, and however busy it is', async () => {
  const module = join(import.meta.dirname, '../../../local-aws/process/node-child.ts');
  const parent = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { NodeChild } from ${JSON.stringify(module)};
       const start = () => new NodeChild({ cwd: '/', env: {}, onLine: console.log,
         args: ['-e', 'process.stdout.write(process.pid + "\\\\n", () => { for (;;) {} })'] });
       await start().end(0); start(); start();
       setInterval(() => {}, 1000);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  parent.stdout.on('data', (chunk) => {
    output += chunk;
  });
  expect(await eventually(() => output.split('\n').length === 3)).toBe(true);
  const pids = output.trim().split('\n').map(Number);
  expect(pids.map(isAlive)).toEqual([true, true]);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  expect(await eventually(() => pids.every((pid) => !isAlive(pid)))).toBe(true);
});
