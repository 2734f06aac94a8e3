import { TestAccount } from '../support/account.ts';

const secretName = 'agentcore-outbound-auth/dev/openai';
const identityStack = 'outbound-auth-dev-identity';
const agentStack = 'outbound-auth-dev-agent';

let account: TestAccount;

jest.setTimeout(120_000);

beforeAll(async () => {
  account = await TestAccount.open();
});
afterAll(() => account.close());

test('a deployment without a secret fails with one sentence that says what to do, and rolls back to nothing', async () => {
  const { status, output } = await account.deployDev();
  expect(status).toBe(1);
  expect(output).toContain(`The secret ${secretName} does not exist in this account and Region, or its policies`);
  expect((await account.stack(identityStack))?.StackStatus).toBe('ROLLBACK_COMPLETE');
  expect(await account.stack(agentStack)).toBeUndefined();
  expect(account.aws.iam.roles().filter(({ name }) => name.startsWith('outbound-auth'))).toEqual([]);
});

test('a failing update rolls back, and the agent goes on answering', async () => {
  account.createSecret(secretName);
  expect((await account.deployDev()).status).toBe(0);
  const runtimeArn = await account.output(agentStack, 'RuntimeArn');
  account.createSecret('team/placeholder', 'changeme');
  const { status, output } = await account.deployDev({ secret: 'team/placeholder' });
  expect(status).toBe(1);
  expect(output).toContain('The JSON key "apiKey" of the secret team/placeholder is a placeholder, not a key.');
  expect((await account.stack(identityStack))?.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  const { body } = await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' });
  expect(JSON.parse(body)).toMatch(/\b4\b/);
});
