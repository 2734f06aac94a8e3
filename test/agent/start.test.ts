import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OfflineModel, startOfflineModel } from '../../offline-model/index.ts';
import { bundleAgent } from './support/bundle-agent.ts';
import { startIdentityStandIn } from './support/identity-stand-in.ts';
import { RunningAgent } from './support/running-agent.ts';
import { temporaryFolder } from './support/temporary-folder.ts';
import { best, timeOf } from './support/time.ts';

jest.setTimeout(120_000);

const folder = temporaryFolder();
let model: OfflineModel;
let identity: Awaited<ReturnType<typeof startIdentityStandIn>>;

beforeAll(async () => {
  bundleAgent(folder.path);
  model = await startOfflineModel();
  identity = await startIdentityStandIn(model.key);
});
afterAll(async () => {
  await identity.close();
  await model.close();
  folder.remove();
});

const start = () => RunningAgent.start(folder.path, { AWS_ENDPOINT_URL: identity.url, OPENAI_BASE_URL: model.url });

/** Milliseconds, without those of the end. */
async function startTime(begin: () => Promise<() => unknown>): Promise<number> {
  const startedAt = performance.now();
  const stop = await begin();
  const took = performance.now() - startedAt;
  await stop();
  return took;
}

/** Linux tells it per process; elsewhere this file has one test less, and says so in its name. */
const onLinux = process.platform === 'linux';

describe('the agent at its start', () => {
  (onLinux ? test : test.skip)(
    'has at most 80 MB in memory before the first invocation (measured on Linux)',
    async () => {
      const agent = await start();
      await agent.ping();
      // The heavy modules are loaded behind the first ping; no figure is taken before they are.
      const resident = () =>
        Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${agent.process.pid}/status`, 'utf8'))?.[1]) / 1024;
      const beforeLoading = resident();
      await sleep(2000);
      const loaded = resident();
      await agent.stop();
      expect(loaded).toBeGreaterThan(beforeLoading + 5);
      expect(loaded).toBeLessThanOrEqual(80);
    },
  );

  test('is ready for the first invocation: it takes at most 150 ms longer than a warm one', async () => {
    const extra = await best(async () => {
      const agent = await start();
      await agent.ping();
      await sleep(800);
      const first = await timeOf(() => agent.ask('How much is 2X2?'));
      const warm = await best(() => timeOf(() => agent.ask('How much is 2X2?')));
      await agent.stop();
      return first - warm;
    }, 150);
    expect(extra).toBeLessThanOrEqual(150);
  });

  test('answers its first ping within twice the time of a bare HTTP server', async () => {
    const bare = `require('node:http').createServer((q, s) => s.end('{}')).listen(0, '127.0.0.1', function () {
      console.log(JSON.stringify({ message: 'listening', port: this.address().port })); })`;
    const startBare = async () => {
      const child = spawn(process.execPath, ['-e', bare], { stdio: ['ignore', 'pipe', 'inherit'] });
      const line = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
      await (await fetch(`http://127.0.0.1:${JSON.parse(line).port}/ping`)).text();
      return () => child.kill('SIGKILL');
    };
    const startAgent = async () => {
      const agent = await start();
      await (await agent.ping()).text();
      return () => agent.stop();
    };
    // In turn, so that what else the machine does falls on both.
    const ratio = await best(async () => {
      const [bareMs, agentMs] = [await startTime(startBare), await startTime(startAgent)];
      return agentMs / bareMs;
    }, 2);
    expect(ratio).toBeLessThanOrEqual(2);
  });
});
