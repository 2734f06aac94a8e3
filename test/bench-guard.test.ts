import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundleAgent } from '../agent/bundle.ts';
import { excess, zipOf } from '../bench/parts/handler.ts';
import { neededCalls } from '../bench/reference/needed-calls.ts';
import { handleAllEvents } from '../bench/support/handler-events.ts';
import { bundleHandler } from '../lib/credential-provider/bundle-handler.ts';
import { startScriptedAgent } from './agent/support/scripted-agent.ts';
import { chunk, stream } from './agent/support/scripted-model.ts';
import { appWith } from './lib/synthesize.ts';

// What npm run bench measures and no machine's mood can change. Each limit is a little above what there is: whoever
// passes it knows what for, and moves it.

jest.setTimeout(60_000);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-guard-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a file of a bundle imports at once, and what that imports, and so on. */
function importedBy(bundle: string, entry: string): { own: string[]; builtIn: string[] } {
  const files = new Set([entry]);
  const builtIn = new Set<string>();
  for (const file of files) {
    const source = readFileSync(join(bundle, file), 'utf8');
    for (const [, name = ''] of source.matchAll(/(?:\bfrom|\bimport)\s*["']([^"']+)["']/g)) {
      if (name.startsWith('.')) files.add(join(dirname(file), name));
      else builtIn.add(name.replace(/^(?!node:)/, 'node:'));
    }
  }
  return { own: [...files], builtIn: [...builtIn].sort() };
}

const sizeOf = (path: string) =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);

describe('the agent', () => {
  test('adds no more than 1.3 MB to its image', () => {
    const bundle = join(folder, 'agent');
    bundleAgent(bundle);
    expect(sizeOf(bundle)).toBeLessThan(1_300_000);
  });

  test('answers its first ping with five modules of Node.js and 20 KB of its own', () => {
    const { own, builtIn } = importedBy(join(folder, 'agent'), 'main.mjs');
    expect(builtIn).toEqual(['node:crypto', 'node:events', 'node:http', 'node:module', 'node:util']);
    expect(own.length).toBeLessThanOrEqual(5);
    expect(own.reduce((sum, file) => sum + statSync(join(folder, 'agent', file)).size, 0)).toBeLessThan(20_000);
  });

  test('asks AgentCore Identity once for the first invocation, and not at all for those that follow', async () => {
    const { agent, model, identity, close } = await startScriptedAgent();
    model.script = stream(chunk({ content: 'four' }), chunk({}, 'stop'));
    try {
      expect(await agent.ask('first')).toBe('four');
      expect(identity.requests).toHaveLength(1);
      for (const prompt of ['second', 'third', 'fourth']) expect(await agent.ask(prompt)).toBe('four');
      expect(identity.requests).toHaveLength(1);
      expect(identity.tokenRequests).toEqual([]);
      expect(model.calls).toBe(4);
    } finally {
      await close();
    }
  });
});

describe('the handler', () => {
  test('is a zip of no more than 160 KB', () => {
    bundleHandler(folder);
    expect(zipOf(join(folder, 'index.js'))).toBeLessThan(160_000);
  });

  test('makes for each event the calls that it needs, and no other', async () => {
    const handled = await handleAllEvents();
    expect(handled.map(({ event }) => event)).toEqual(expect.arrayContaining(Object.keys(neededCalls)));
    for (const { event, calls } of handled) {
      expect([event, calls]).toEqual([event, neededCalls[event]?.map(([call]) => call)]);
    }
    expect(excess(handled)).toBe(0);
  });
});

describe('the templates of dev', () => {
  const { app } = appWith();
  const stacks = app.synth().stacksRecursively;
  const size = (id: string) => {
    const stack = stacks.find(({ stackName }) => stackName.endsWith(id));
    return JSON.stringify(JSON.parse(readFileSync(stack?.templateFullPath ?? '', 'utf8'))).length;
  };
  afterAll(() => rmSync(app.outdir, { recursive: true, force: true }));

  test.each([
    ['identity', 16_000],
    ['agent', 10_000],
  ])('%s has no more than %d characters', (id, limit) => {
    expect(size(id)).toBeLessThan(limit);
  });
});
