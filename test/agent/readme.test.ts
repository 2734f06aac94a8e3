import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OfflineModel, startOfflineModel } from '../../offline-model/index.ts';
import { projectFolder } from '../support/run.ts';
import { startIdentityStandIn } from './support/identity-stand-in.ts';
import { RunningAgent, until } from './support/running-agent.ts';
import { chunk, startScriptedModel, stream, toolCall } from './support/scripted-model.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

jest.setTimeout(60_000);

const readme = readFileSync(join(projectFolder, 'agent/README.md'), 'utf8');

/** The code of the README, by the file that its first line names. */
const snippets = new Map(
  [...readme.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms)].map(([, file = '', code = '']) => [file, code]),
);

function snippet(file: string): string {
  const code = snippets.get(file);
  if (code === undefined) throw new Error(`The README has no code for ${file}.`);
  return code;
}

/** A copy of the agent, as somebody has it who makes it their own. */
function copyOfAgent() {
  const folder = temporaryFolder();
  const agent = join(folder.path, 'agent');
  mkdirSync(agent);
  for (const name of ['src', 'bundle.ts', 'package.json']) {
    cpSync(join(projectFolder, 'agent', name), join(agent, name), { recursive: true });
  }
  for (const name of ['node_modules', 'agent/node_modules'].filter((each) => existsSync(join(projectFolder, each)))) {
    symlinkSync(join(projectFolder, name), join(folder.path, name));
  }
  cpSync(join(projectFolder, 'tsconfig.json'), join(folder.path, 'tsconfig.json'));
  return {
    write: (file: string, code: string) => writeFileSync(join(agent, file), code),
    read: (file: string) => readFileSync(join(agent, file), 'utf8'),
    /** @throws Error with what the compiler has found */
    compile() {
      const config = { extends: './tsconfig.json', include: ['agent/src/main.ts'], exclude: [] };
      writeFileSync(join(folder.path, 'tsconfig.agent.json'), JSON.stringify(config));
      const compiler = join(projectFolder, 'node_modules/typescript/bin/tsc');
      try {
        execFileSync(process.execPath, [compiler, '--noEmit', '-p', 'tsconfig.agent.json'], { cwd: folder.path });
      } catch (error) {
        throw new Error(String((error as { stdout?: Buffer }).stdout));
      }
    },
    /** @returns the folder of the bundle */
    bundle(): string {
      execFileSync(process.execPath, [join(agent, 'bundle.ts'), join(agent, 'bundle')], { cwd: agent });
      return join(agent, 'bundle');
    },
    remove: folder.remove,
  };
}

let copy: ReturnType<typeof copyOfAgent>;
let identity: Awaited<ReturnType<typeof startIdentityStandIn>>;
let agent: RunningAgent | undefined;

beforeEach(async () => {
  copy = copyOfAgent();
  identity = await startIdentityStandIn('sk-offline-0123456789');
});

afterEach(async () => {
  await agent?.stop();
  agent = undefined;
  await identity.close();
  copy.remove();
});

async function run(modelUrl: string): Promise<RunningAgent> {
  agent = await RunningAgent.start(copy.bundle(), { AWS_ENDPOINT_URL: identity.url, OPENAI_BASE_URL: modelUrl });
  return agent;
}

/** Does with a file that is there what the README says: the imports go to the top, a list takes the place of the list. */
function apply(file: string): void {
  const [imports, list] = snippet(file).split('\n\n');
  const before = copy.read(file);
  const after = before.replace(/^ {2}return \[.*\];$/m, (list ?? '').trimEnd());
  expect(after).not.toBe(before);
  copy.write(file, `${imports}\n${after}`);
}

test('the tool of the README compiles, and the model that calls it gets what it returns', async () => {
  copy.write('src/tools/clock.ts', snippet('src/tools/clock.ts'));
  apply('src/tools/index.ts');
  copy.compile();
  const model = await startScriptedModel();
  model.script = (request, response) =>
    model.calls === 1
      ? stream(chunk({ tool_calls: [toolCall('clock', '{"timeZone":"Asia/Seoul"}')] }), chunk({}, 'tool_calls'))(
          request,
          response,
        )
      : stream(chunk({ content: 'It is late.' }), chunk({}, 'stop'))(request, response);
  const running = await run(model.url);
  expect(await running.ask('What time is it in Seoul?')).toBe('It is late.');
  expect(model.toolResults()).toEqual([expect.stringMatching(/\d{1,2}:\d{2}:\d{2}\s[AP]M/)]);
  await model.close();
});

describe('the agent of the README without Strands', () => {
  const accepted = new Set<string>();
  let model: OfflineModel;

  beforeEach(async () => {
    accepted.clear();
    accepted.add('sk-offline-0123456789');
    model = await startOfflineModel({ acceptsKey: (key) => accepted.has(key) });
    copy.write('src/agent.ts', snippet('src/agent.ts'));
  });

  afterEach(() => model.close());

  test('compiles with the rest as it is', () => {
    copy.compile();
  });

  test('answers with its tool, uses a key that was exchanged, and says in the same words what fails', async () => {
    const running = await run(model.url);
    expect(await running.ask('How much is 2X2?')).toBe('2*2 = 4.');
    const streamed = await running.invoke({ prompt: 'How much is 2X2?', accept: 'text/event-stream' });
    expect(await streamed.text()).toMatch(/^data: ".*\ndata: \{"messageStop":\{"stopReason":"end_turn"\}\}\s*$/s);
    accepted.clear();
    accepted.add('sk-offline-exchanged');
    identity.key = 'sk-offline-exchanged';
    expect(await running.ask('How much is 2X2?')).toBe('2*2 = 4.');
    accepted.clear();
    expect(await running.ask('How much is 2X2?')).toMatchObject({ error: { code: 'ModelKeyRefused' } });
    await until(() => running.invocationLog.length === 4);
    expect(running.output).not.toContain('sk-offline');
  });
});

test('the steps to a key for a tool name what is there', () => {
  const section = readme.slice(readme.indexOf('### Give a tool a key'), readme.indexOf('### Another model'));
  const rows = [...section.matchAll(/^\| `([^`]+)` +\| (.*) \|$/gm)];
  expect(rows.length).toBeGreaterThan(4);
  for (const [, file = '', what = ''] of rows) {
    const source = readFileSync(join(projectFolder, file), 'utf8');
    for (const [, name = ''] of what.matchAll(/`([^`]+)`/g))
      expect([file, source]).toEqual([file, expect.stringContaining(name)]);
  }
});
