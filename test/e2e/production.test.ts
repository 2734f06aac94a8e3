import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { statementsOf } from '../../local-aws/iam/policy.ts';
import { TestAccount } from '../support/account.ts';

const secretName = 'team/openai';
const settings = {
  secret: secretName,
  production: true,
  logEncryptionKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  alarms: { topicArn: 'arn:aws:sns:us-east-1:111122223333:on-call' },
  permissionsBoundary: 'platform/Boundary',
  rolePath: '/team/',
};
const all = { Effect: 'Allow', Action: '*', Resource: '*' } as const;
const noSecrets = { Effect: 'Deny', Action: 'secretsmanager:GetSecretValue', Resource: '*' } as const;

let account: TestAccount;

jest.setTimeout(120_000);

const cdk = (...args: string[]) =>
  account.cdk(...args, '--context', `environments=${JSON.stringify({ prod: settings })}`);

/** What the platform team allows at most. */
function setBoundary(...statements: Parameters<typeof statementsOf>[0]['Statement'][]): void {
  const { customerPolicies } = account.aws.iam;
  const document = { Version: '2012-10-17', Statement: statements.flatMap((Statement) => statementsOf({ Statement })) };
  customerPolicies.put(customerPolicies.arn('Boundary', '/platform/'), document);
}

beforeAll(async () => {
  account = await TestAccount.open();
  const secretsManager = new SecretsManagerClient(account.client);
  const SecretString = JSON.stringify({ apiKey: account.model.key });
  await secretsManager.send(new CreateSecretCommand({ Name: secretName, SecretString }));
  secretsManager.destroy();
});

afterAll(() => account.close());

describe('a production environment of a platform team', () => {
  test('is deployed, and its agent answers, with every role below the team’s path and within its boundary', async () => {
    setBoundary(all);
    expect(await cdk('deploy', 'prod/*', '--require-approval', 'never')).toMatchObject({ status: 0 });
    const roles = account.aws.iam.roles().filter(({ name }) => name.startsWith('outbound-auth-prod'));
    expect(roles.length).toBeGreaterThanOrEqual(2);
    for (const { arn, permissionsBoundary } of roles) {
      expect(arn).toContain(':role/team/outbound-auth-prod');
      expect(permissionsBoundary).toMatch(/:policy\/platform\/Boundary$/);
    }
    const runtimeArn = await account.output('outbound-auth-prod-agent', 'RuntimeArn');
    const { body } = await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' });
    expect(body).toContain('4');
  });

  test('gets no key where the boundary does not let it read the secret, whatever its own policy says', async () => {
    setBoundary(all, noSecrets);
    const runtimeArn = await account.output('outbound-auth-prod-agent', 'RuntimeArn');
    const { body } = await account.invoke(runtimeArn, { prompt: 'How much is 2X2?' });
    expect((JSON.parse(body) as { error: { code: string } }).error.code).toMatch(/Denied/);
    setBoundary(all);
  });

  test('is not deleted by mistake', async () => {
    const { status, output } = await cdk('destroy', 'prod/*', '--force');
    expect(status).toBe(1);
    expect(output).toContain('cannot be deleted while TerminationProtection is enabled');
    expect((await account.stack('outbound-auth-prod-identity'))?.StackStatus).toBe('CREATE_COMPLETE');
  });
});
