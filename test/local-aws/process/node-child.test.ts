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

/** As deaf as an endless loop, without its load on the tests beside this one. */
const blockForever = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)';

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

it('dies with local-aws even when that is killed, and a child listens to nothing', async () => {
  const module = join(import.meta.dirname, '../../../local-aws/process/node-child.ts');
  const parent = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { NodeChild } from ${JSON.stringify(module)};
       const start = (onLine) => new NodeChild({ cwd: '/', env: {}, onLine,
         args: ['-e', 'process.stdout.write(process.pid + "\\\\n", () => ${blockForever})'] });
       await start(() => {}).end(0); start(console.log); start(console.log);
       setInterval(() => {}, 1000);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(parent, 'exit');
  let output = '';
  parent.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const haveStarted = await eventually(() => output.split('\n').length === 3);
  const pids = output.trim().split('\n').map(Number);
  const wereAlive = pids.map(isAlive);
  parent.kill('SIGKILL');
  await exited;
  expect([haveStarted, wereAlive]).toEqual([true, [true, true]]);
  expect(await eventually(() => pids.every((pid) => !isAlive(pid)))).toBe(true);
});
