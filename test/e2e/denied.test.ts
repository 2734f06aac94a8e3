import { TestAccount } from '../support/account.ts';
import { deployInProcess, type SynthesizedStack, type Template } from '../support/in-process-cdk.ts';

const agentStack = 'outbound-auth-dev-agent';
const secret = 'team/openai';

let account: TestAccount;
let stacks: SynthesizedStack[];

beforeAll(async () => {
  account = await TestAccount.open();
  account.createSecret(secret);
  stacks = await deployInProcess(account.aws, account.region, { dev: { secret } });
});
afterAll(() => account.close());

/** The template with the statement of one Sid taken out of every policy. */
function without(sid: string, template: Template): Template {
  const copy = structuredClone(template);
  for (const { Type, Properties } of Object.values(copy.Resources)) {
    if (Type !== 'AWS::IAM::Policy') continue;
    const document = Properties.PolicyDocument as { Statement: { Sid: string }[] };
    document.Statement = document.Statement.filter((statement) => statement.Sid !== sid);
  }
  return copy;
}

test.each([
  ['GetApiKey', 'bedrock-agentcore:GetResourceApiKey'],
  ['ReadApiKeySecret', 'secretsmanager:GetSecretValue'],
])('an agent whose role lacks %s tells its caller which action is missing', async (sid, action) => {
  const { aws, region } = account;
  for (const { stackName, template } of stacks) {
    await aws.stacks.deploy({ region, stackName, template: without(sid, template) });
  }
  const runtimeArn = await account.output(agentStack, 'RuntimeArn');
  const { body } = await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' });
  expect(JSON.parse(body)).toMatchObject({
    error: { code: 'ApiKeyAccessDenied', message: expect.stringContaining(action) },
  });
});
