import {
  BedrockAgentCoreControlClient,
  GetAgentRuntimeCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { ProofAccount } from '../proof/account.ts';

// In-process, as a platform team deploys: CloudFormation has the printed policy, the roles have the printed boundary.
let account: ProofAccount;
let control: BedrockAgentCoreControlClient;

const secret = 'team/openai';
const network = { subnets: ['subnet-0123456789abcdef0'], securityGroups: ['sg-0123456789abcdef0'] };

beforeAll(async () => {
  account = await ProofAccount.open();
  control = new BedrockAgentCoreControlClient(account.test.client);
  account.aws.secrets.create(account.aws.iam.administrator, account.region, {
    name: secret,
    secretString: JSON.stringify({ apiKey: 'offline-key-0123456789' }),
  });
}, 60_000);

afterAll(async () => {
  control.destroy();
  await account.close();
});

const tagsOf = async (resourceArn: string) =>
  (await control.send(new ListTagsForResourceCommand({ resourceArn }))).tags ?? {};

describe('the settings of an environment', () => {
  test('are those of what is deployed, and follow a change', async () => {
    const settings = { secret, network, lifecycle: { idleSeconds: 300, maxSeconds: 3600 }, logRetentionDays: 90 };
    await account.deploy('prod', { ...settings, tags: { team: 'payments', stage: 'prod' } });
    const runtimeArn = account.output('prod', 'agent', 'RuntimeArn');
    const providerArn = account.output('prod', 'identity', 'CredentialProviderArn');
    const agentRuntimeId = runtimeArn.slice(runtimeArn.lastIndexOf('/') + 1);
    expect(await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).toMatchObject({
      networkConfiguration: { networkMode: 'VPC', networkModeConfig: network },
      lifecycleConfiguration: { idleRuntimeSessionTimeout: 300, maxLifetime: 3600 },
    });
    for (const arn of [runtimeArn, providerArn]) {
      expect(await tagsOf(arn)).toMatchObject({ team: 'payments', stage: 'prod' });
    }

    await account.deploy('prod', { ...settings, network: undefined, tags: { team: 'billing' } });
    expect(await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).toMatchObject({
      networkConfiguration: { networkMode: 'PUBLIC' },
    });
    for (const arn of [runtimeArn, providerArn]) {
      const tags = await tagsOf(arn);
      expect(tags).toMatchObject({ team: 'billing' });
      expect(tags).not.toHaveProperty('stage');
    }
    await account.destroy('prod');
  }, 120_000);
});
