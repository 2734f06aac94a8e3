import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningAgent, until } from './running-agent.ts';

/** What to start an agent with, so that its memory can be looked into; the port is one that is free. */
export const inspectable = { NODE_OPTIONS: '--inspect-port=127.0.0.1:0' };

export interface Memory {
  /** Bytes of live objects. */
  readonly heap: number;
  /** Bytes of the process in memory. */
  readonly resident: number;
}

/** Looks into the memory of an agent that runs, from now on. It writes a few lines of its own into the agent's output. */
export async function inspect(agent: RunningAgent): Promise<{ memory(): Promise<Memory>; close(): void }> {
  const address = /ws:\/\/\S+/;
  agent.process.kill('SIGUSR1');
  await until(() => address.test(agent.output));
  const socket = new WebSocket(address.exec(agent.output)?.[0] ?? '');
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  let calls = 0;
  const call = (method: string, params: object = {}) =>
    new Promise<{ result?: { value: string } }>((resolve) => {
      const id = ++calls;
      const listener = ({ data }: { readonly data: string }) => {
        const answer = JSON.parse(data);
        if (answer.id !== id) return;
        socket.removeEventListener('message', listener);
        resolve(answer.result);
      };
      socket.addEventListener('message', listener);
      socket.send(JSON.stringify({ id, method, params }));
    });
  return {
    async memory() {
      // What is let go after one collection is collected by the next.
      for (let i = 0; i < 8; i++) {
        await call('HeapProfiler.collectGarbage');
        await sleep(100);
      }
      const { result } = await call('Runtime.evaluate', { expression: 'JSON.stringify(process.memoryUsage())' });
      const { heapUsed, rss } = JSON.parse(result?.value ?? '{}') as { heapUsed: number; rss: number };
      return { heap: heapUsed, resident: rss };
    },
    close: () => socket.close(),
  };
}
