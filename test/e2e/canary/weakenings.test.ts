import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Observation } from '../../../local-aws/observation.ts';
import { TestAccount } from '../../support/account.ts';
import { quoteMarker } from './cut.ts';
import { collect } from './evidence.ts';
import { FileWatch } from './file-watch.ts';
import { Finder } from './finder.ts';
import { type CanaryKey, canaryKey } from './key.ts';
import { startModelFront } from './model-front.ts';
import { type PlaceId, places } from './places.ts';
import { ProcessTable } from './process-table.ts';
import { deployWeakened, type SynthesizedApp, secretName, synthesizeApp } from './weakened-app.ts';
import { type Weakening, weakenings } from './weakenings.ts';

jest.setTimeout(120_000);

const key = canaryKey('the key', 'sk-proj-');
let app: SynthesizedApp | undefined;

/** Deploys the app with one thing wrong in it, asks it, and gives the places where the canary finds the key. */
async function placesThatHoldTheKey(weakening: Weakening): Promise<PlaceId[]> {
  const observations: Observation[] = [];
  const spans = await mkdtemp(join(tmpdir(), 'canary-spans-'));
  const account = await TestAccount.open({
    observe: (observation) => observations.push(observation),
    runtimeEnvironment: { CANARY_SPANS: spans, NODE_OPTIONS: `--import=${join(import.meta.dirname, 'spans.ts')}` },
  });
  account.acceptOnly(key.value);
  const model = await startModelFront(account.model.url);
  const processes = new ProcessTable((environment) => environment.includes(account.aws.directory));
  const files = new FileWatch([account.folder, account.aws.directory]);
  try {
    await storeKey(account, key);
    if (weakening.found === 'stacks')
      void account.aws.faultInjection.next('CreateApiKeyCredentialProvider', quoting(key));
    app ??= synthesizeApp(account.aws.account, account.region);
    const runtimeArn = await deployWeakened(account, app, weakening, model.url);
    if (runtimeArn !== undefined) {
      await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' });
      model.manner = 'refuse the key';
      await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' });
    }
    files.look();
    const { aws } = account;
    const left = { printed: [], assemblies: [], checkouts: [] };
    const collected = collect({ aws, observations, model, spans, processes, temporaryFiles: files, ...left });
    const finder = new Finder([key]);
    return (Object.keys(places) as PlaceId[]).filter((id) =>
      collected.places[id].some(({ bytes }) => finder.find(bytes).length > 0),
    );
  } finally {
    files.stop();
    processes.stop();
    await model.close();
    await account.close();
    await rm(spans, { recursive: true, force: true });
  }
}

async function storeKey(account: TestAccount, { value }: CanaryKey): Promise<void> {
  const secretsManager = new SecretsManagerClient(account.client);
  await secretsManager.send(new CreateSecretCommand({ Name: secretName, SecretString: value }));
  secretsManager.destroy();
}

function quoting({ value }: CanaryKey) {
  return { code: 'ValidationException', message: `${quoteMarker} the key: Value '${value}' at 'apiKey' is not valid` };
}

describe('the canary', () => {
  test('finds no key where nothing is wrong', async () => {
    expect(await placesThatHoldTheKey({ what: 'nothing', found: 'agentLogs' })).toEqual([]);
  });

  test.each(weakenings.map((weakening): [string, Weakening] => [weakening.what, weakening]))(
    'finds out that %s',
    async (_, weakening) => {
      expect(await placesThatHoldTheKey(weakening)).toContain(weakening.found);
    },
  );
});
