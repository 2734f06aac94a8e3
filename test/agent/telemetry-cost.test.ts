import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OfflineModel, startOfflineModel } from '../../offline-model/index.ts';
import { bundleAgent } from './support/bundle-agent.ts';
import { startCollector } from './support/collector.ts';
import { startIdentityStandIn } from './support/identity-stand-in.ts';
import { RunningAgent, until } from './support/running-agent.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

jest.setTimeout(30_000);

const folder = temporaryFolder();
let model: OfflineModel;
let identity: Awaited<ReturnType<typeof startIdentityStandIn>>;
let collector: Awaited<ReturnType<typeof startCollector>>;

beforeAll(async () => {
  bundleAgent(folder.path);
  model = await startOfflineModel();
  identity = await startIdentityStandIn(model.key);
  collector = await startCollector();
});
afterAll(async () => {
  await collector.close();
  await identity.close();
  await model.close();
  folder.remove();
});

/** What AgentCore Runtime has in every container, whether or not anybody wants traces. */
const everywhere = {
  AGENT_OBSERVABILITY_ENABLED: 'true',
  OTEL_TRACES_EXPORTER: 'otlp',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  OTEL_RESOURCE_ATTRIBUTES: 'service.name=mine.DEFAULT,aws.service.type=gen_ai_agent',
};

/** Writes the address of each module that is loaded. */
const spy = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ load(url, context, next) {
    process.stdout.write(JSON.stringify({ message: 'loaded', url }) + '\\n');
    return next(url, context);
  } });`)}`;

/** The names of the bundle's files that an agent loads until it has answered. */
async function filesLoaded(env: Readonly<Record<string, string>>): Promise<string[]> {
  const agent = await RunningAgent.start(folder.path, {
    ...{ AWS_ENDPOINT_URL: identity.url, OPENAI_BASE_URL: model.url, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    ...everywhere,
    ...{ NODE_OPTIONS: `--import=${spy}`, ...env },
  });
  expect(await agent.ask('How much is 2X2?')).toBe('2*2 = 4.');
  await agent.stop();
  const urls = agent.log.filter(({ message }) => message === 'loaded').map(({ url }) => String(url));
  return urls.filter((url) => url.includes(folder.path)).map((url) => url.split('/').at(-1) ?? '');
}

/** The files that have OpenTelemetry's SDK: its classes keep their names in what they say of themselves. */
function filesOfSdk(): string[] {
  const chunks = join(folder.path, 'chunks');
  return readdirSync(chunks).filter((name) =>
    /BatchSpanProcessor|x-protobuf|AsyncLocalStorageContextManager/.test(readFileSync(join(chunks, name), 'utf8')),
  );
}

describe('an agent without tracing', () => {
  test('loads nothing of OpenTelemetry’s SDK, and sends nothing, whatever variables the platform sets', async () => {
    const loaded = await filesLoaded({});
    expect(loaded).toContain('main.mjs');
    expect(loaded.length).toBeGreaterThan(2);
    expect(filesOfSdk().length).toBeGreaterThan(0);
    expect(loaded.filter((name) => filesOfSdk().includes(name))).toEqual([]);
    expect(collector.requests).toEqual([]);
  });

  test('has no trace id in its log', async () => {
    const agent = await RunningAgent.start(folder.path, { AWS_ENDPOINT_URL: identity.url, OPENAI_BASE_URL: model.url });
    await agent.ask('Hello');
    await until(() => agent.invocationLog.length > 0);
    await agent.stop();
    expect(agent.invocationLog).toEqual([expect.not.objectContaining({ traceId: expect.anything() })]);
  });
});

describe('an agent with tracing', () => {
  test('loads it, so that the absence above is one that can be seen', async () => {
    const loaded = await filesLoaded({ TRACING: 'on' });
    expect(loaded).toEqual(expect.arrayContaining(filesOfSdk()));
  });

  test('answers a ping before it, and has at most 80 MB before the first invocation (measured on Linux)', async () => {
    const agent = await RunningAgent.start(folder.path, {
      AWS_ENDPOINT_URL: identity.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      NODE_OPTIONS: `--import=${spy}`,
      TRACING: 'on',
    });
    expect((await agent.ping()).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const status = process.platform === 'linux' ? readFileSync(`/proc/${agent.process.pid}/status`, 'utf8') : '';
    await agent.stop();
    expect(agent.output).toContain(filesOfSdk()[0]);
    expect(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024).toBeLessThanOrEqual(80);
  });
});
