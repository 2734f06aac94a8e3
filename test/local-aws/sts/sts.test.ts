import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { stsService } from '../../../local-aws/sts/service.ts';
import { account, type Started, startServices } from '../http/start-services.ts';

const RoleArn = `arn:aws:iam::${account}:role/deployer`;

let started: Started;
let client: STSClient;
beforeEach(async () => {
  started = await startServices(() => undefined, [stsService]);
  started.role('deployer');
  client = new STSClient(started.client());
});
afterEach(async () => {
  client.destroy();
  await started.close();
});

test('any key is the administrator of the account', async () => {
  expect(await client.send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: account,
    Arn: `arn:aws:iam::${account}:user/local-administrator`,
    UserId: 'AIDALOCALADMINISTRATOR',
  });
});

test('the credentials of a role are that role', async () => {
  const { Credentials, AssumedRoleUser } = await client.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'me' }));
  expect(AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${account}:assumed-role/deployer/me`);
  expect(((Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000).toBeCloseTo(3600, -1);
  const own = new STSClient({
    ...started.client(),
    credentials: {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    },
  });
  expect(await own.send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: account,
    Arn: `arn:aws:sts::${account}:assumed-role/deployer/me`,
    UserId: AssumedRoleUser?.AssumedRoleId,
  });
  started.aws.iam.deleteRole('deployer');
  await expect(own.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  own.destroy();
});

test('a session lasts as long as was asked for', async () => {
  const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'me', DurationSeconds: 900 });
  const { Credentials } = await client.send(command);
  expect(((Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000).toBeCloseTo(900, -1);
});

test('a role that is not there cannot be told from one that does not trust the caller', async () => {
  const missing = `arn:aws:iam::${account}:role/nobody`;
  await expect(client.send(new AssumeRoleCommand({ RoleArn: missing, RoleSessionName: 'me' }))).rejects.toMatchObject({
    name: 'AccessDenied',
    message: `User: arn:aws:iam::${account}:user/local-administrator is not authorized to perform: sts:AssumeRole on resource: ${missing}`,
  });
});

test.each([
  [{ RoleArn, RoleSessionName: 'with space' }],
  [{ RoleArn: 'deployer', RoleSessionName: 'me' }],
  [{ RoleArn, RoleSessionName: 'me', DurationSeconds: 60 }],
])('%j is not valid', async (input) => {
  await expect(client.send(new AssumeRoleCommand(input))).rejects.toMatchObject({ name: 'ValidationError' });
});

test('session policies and other operations are refused by name', async () => {
  const withPolicy = { RoleArn, RoleSessionName: 'me', Policy: '{}' };
  await expect(client.send(new AssumeRoleCommand(withPolicy))).rejects.toMatchObject({
    message: 'local-aws does not support the parameter Policy of AssumeRole.',
  });
  await expect(client.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
    message: 'local-aws does not support STS: GetSessionToken.',
  });
});
