import {
  BedrockAgentCoreControlClient,
  CreateApiKeyCredentialProviderCommand,
  GetApiKeyCredentialProviderCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { TestAccount } from '../support/account.ts';
import { deployInProcess } from '../support/in-process-cdk.ts';

/** What docs/coming-from.md says of the provider that the tutorial makes. */
const name = 'openai-apikey-provider';
const secret = 'agentcore-outbound-auth/dev/openai';

let account: TestAccount;
let agentCore: BedrockAgentCoreControlClient;

jest.setTimeout(60_000);

beforeAll(async () => {
  account = await TestAccount.open();
  agentCore = new BedrockAgentCoreControlClient(account.client);
  account.createSecret(secret);
  await agentCore.send(new CreateApiKeyCredentialProviderCommand({ name, apiKey: 'sk-that-the-notebook-has-printed' }));
});

afterAll(async () => {
  agentCore.destroy();
  await account.close();
});

const provider = () => agentCore.send(new GetApiKeyCredentialProviderCommand({ name }));

const deploy = (settings: object) => deployInProcess(account.aws, account.region, { dev: { secret, ...settings } });

async function answer(): Promise<string> {
  const runtimeArn = await account.output('outbound-auth-dev-agent', 'RuntimeArn');
  account.takeKeysUsed();
  return (await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' })).body;
}

async function remove(): Promise<void> {
  const { aws, region } = account;
  for (const stack of ['outbound-auth-dev-agent', 'outbound-auth-dev-identity'])
    await aws.stacks.destroy(region, stack);
}

describe('the provider that the tutorial has made', () => {
  afterEach(remove);

  test('stays as it is beside ours, which has a name of its own', async () => {
    await deploy({});
    expect(await answer()).toContain('4');
    expect(await provider()).toMatchObject({ apiKeySecretSource: 'MANAGED' });
  });

  test('cannot become a reference', async () => {
    const adopted = deploy({ credentialProviderName: name, adoptExisting: true });
    await expect(adopted).rejects.toThrow('is MANAGED and cannot be switched in place to EXTERNAL');
    expect(await provider()).toMatchObject({ apiKeySecretSource: 'MANAGED' });
  });

  test('is taken over as a copy, then has the key of the secret, and outlives the environment', async () => {
    const settings = { credentialProviderName: name, adoptExisting: true, source: 'copy', secretJsonKey: 'apiKey' };
    await deploy(settings);
    expect(await answer()).toContain('4');
    expect(account.takeKeysUsed()).toEqual([account.model.key]);
    await remove();
    expect(await provider()).toMatchObject({ name, apiKeySecretSource: 'MANAGED' });
  });
});
