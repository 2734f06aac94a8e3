import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';

/** A server in a process of its own, which writes a line with its port as soon as it listens. */
export interface SpawnedServer {
  readonly process: ChildProcess;
  readonly url: string;
  stop(): Promise<void>;
}

/** @param args of Node.js */
export async function spawnServer(
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<SpawnedServer> {
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout);
  const port = await new Promise<number>((resolve, reject) => {
    child.once('close', () => reject(new Error(`${args.join(' ')} ended before it listened.`)));
    lines.on('line', (line) => {
      const { message, port } = JSON.parse(line) as { message?: string; port?: number };
      if (message === 'listening' && port) resolve(port);
    });
  });
  return {
    process: child,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

/** @throws Error unless it is healthy */
export async function ping(url: string): Promise<void> {
  const response = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    get(`${url}/ping`, { agent: false }, resolve).once('error', reject);
  });
  const { status } = (await json(response)) as { status: string };
  if (status !== 'Healthy') throw new Error(`${url} is ${status}.`);
}
