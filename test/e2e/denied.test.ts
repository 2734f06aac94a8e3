import { TestAccount } from '../support/account.ts';
import { type SynthesizedStack, synthesize, type Template } from '../support/in-process-cdk.ts';

const agentStack = 'outbound-auth-dev-agent';
const secret = 'team/openai';

let account: TestAccount;
let stacks: SynthesizedStack[];

beforeAll(async () => {
  account = await TestAccount.open();
  const { aws, region, model } = account;
  aws.secrets.create(aws.iam.administrator, region, {
    name: secret,
    secretString: JSON.stringify({ apiKey: model.key }),
  });
  stacks = await synthesize(aws, region, { dev: { secret } });
  for (const stack of stacks) await aws.stacks.deploy({ region, ...stack });
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
