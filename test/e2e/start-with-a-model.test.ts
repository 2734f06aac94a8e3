import { startOfflineModel } from '../../offline-model/index.ts';
import { azureDeployments } from '../agent/support/providers/routes.ts';
import { startProvider } from '../agent/support/providers/stand-in.ts';
import { StartRun } from '../support/start-run.ts';

jest.setTimeout(90_000);

let run: StartRun;

beforeEach(() => {
  run = new StartRun();
});
afterEach(() => run.remove());

test('npm start with OPENAI_API_KEY and OPENAI_BASE_URL asks that model; the key is in no output', async () => {
  const model = await startOfflineModel();
  run.env.OPENAI_API_KEY = model.key;
  run.env.OPENAI_BASE_URL = model.url;
  const { status, output } = await run.start('How much is 3 times 5?');
  await model.close();
  expect(status).toBe(0);
  expect(output).not.toContain('offline model');
  expect(output).not.toContain(model.key);
  expect(output).toMatch(/Answer\s.*\b15\b/);
  expect(model.requests.length).toBeGreaterThan(1);
  run.expectNothingLeft();
});

test('npm start with OPENAI_PROVIDER=azure deploys an agent that asks Azure OpenAI; the key is in no output', async () => {
  const provider = await startProvider(azureDeployments);
  provider.answers.push(
    {
      toolCalls: [{ id: 'call_1', name: 'calculator', args: '{"expression":"3*5"}' }],
      usage: { input: 1, output: 1 },
    },
    { text: 'It is 15, says Azure.', usage: { input: 1, output: 1 } },
  );
  Object.assign(run.env, azureDeployments.variables(provider.url), { AZURE_OPENAI_API_KEY: provider.key });
  const { status, output } = await run.start('How much is 3 times 5?');
  await provider.close();
  expect(output).toMatch(/Model\s+Azure OpenAI, deployment my-deployment at http:/);
  expect(output).toMatch(/Answer\s.*It is 15, says Azure/);
  expect(output).not.toContain(provider.key);
  expect(provider.faults).toEqual([]);
  expect(status).toBe(0);
  run.expectNothingLeft();
});
