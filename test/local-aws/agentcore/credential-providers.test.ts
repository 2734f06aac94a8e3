import { GetResourceApiKeyCommand, GetWorkloadAccessTokenCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  CreateApiKeyCredentialProviderCommand,
  CreateWorkloadIdentityCommand,
  DeleteApiKeyCredentialProviderCommand,
  DeleteWorkloadIdentityCommand,
  GetApiKeyCredentialProviderCommand,
  GetTokenVaultCommand,
  ListApiKeyCredentialProvidersCommand,
  ListTagsForResourceCommand,
  SetTokenVaultCMKCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateApiKeyCredentialProviderCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import type { Aws } from '../../../local-aws/aws.ts';
import type { Statement } from '../../../local-aws/iam/policy.ts';
import { account, allow, clientsOf, openAccount, region, testerRole } from './support.ts';

const base = `arn:aws:bedrock-agentcore:${region}:${account}:`;
const vaultArn = `${base}token-vault/default`;
const providerArn = (name: string) => `${vaultArn}/apikeycredentialprovider/${name}`;
let aws: Aws;
let close: () => Promise<void>;
let control: ReturnType<typeof clientsOf>['control'];
let data: ReturnType<typeof clientsOf>['data'];

beforeEach(async () => {
  ({ aws, close } = await openAccount());
  ({ control, data } = clientsOf(aws));
});
afterEach(() => close());

const putSecret = (name: string, secretString: string) =>
  aws.secrets.create(aws.iam.administrator, region, { name, secretString }).arn;
const external = (name: string, secretId: string, jsonKey = 'apiKey') =>
  new CreateApiKeyCredentialProviderCommand({
    name,
    apiKeySecretSource: 'EXTERNAL',
    apiKeySecretConfig: { secretId, jsonKey },
  });
const managed = (name: string, apiKey = 'sk-managed') => new CreateApiKeyCredentialProviderCommand({ name, apiKey });

/** A token of a workload identity that the test makes. */
async function tokenOf(workload = 'workload'): Promise<string | undefined> {
  await control.send(new CreateWorkloadIdentityCommand({ name: workload }));
  return (await data.send(new GetWorkloadAccessTokenCommand({ workloadName: workload }))).workloadAccessToken;
}
const apiKey = (workloadIdentityToken: string | undefined, resourceCredentialProviderName: string, client = data) =>
  client.send(new GetResourceApiKeyCommand({ workloadIdentityToken, resourceCredentialProviderName }));

describe('an EXTERNAL provider', () => {
  it('refers to a secret by its full ARN, and Get tells all but the key', async () => {
    const secretArn = putSecret('openai', '{"apiKey":"sk-one"}');
    const created = await control.send(external('openai', 'openai'));
    expect(created).toMatchObject({
      name: 'openai',
      credentialProviderArn: providerArn('openai'),
      apiKeySecretArn: { secretArn },
      apiKeySecretJsonKey: 'apiKey',
      apiKeySecretSource: 'EXTERNAL',
    });
    const got = await control.send(new GetApiKeyCredentialProviderCommand({ name: 'openai' }));
    expect(got).toMatchObject({ apiKeySecretArn: { secretArn }, createdTime: expect.any(Date) });
    expect(Math.abs(Date.now() - (got.createdTime?.getTime() ?? 0))).toBeLessThan(10_000);
    expect(JSON.stringify([created, got])).not.toContain('sk-one');
  });

  it('gives the key that is in the secret now: a rotation is seen at the next read', async () => {
    putSecret('openai', '{"apiKey":"sk-one"}');
    await control.send(external('openai', 'openai'));
    const token = await tokenOf();
    expect((await apiKey(token, 'openai')).apiKey).toBe('sk-one');
    aws.secrets.putValue(aws.iam.administrator, region, { secretId: 'openai', secretString: '{"apiKey":"sk-two"}' });
    expect((await apiKey(token, 'openai')).apiKey).toBe('sk-two');
  });

  it.each([
    ['is missing', undefined, 'ResourceNotFoundException'],
    ['is not JSON', 'sk-plain', 'ValidationException'],
    ['has no such key', '{"other":"sk-other"}', 'ValidationException'],
  ])('is not made when the secret %s', async (_title, value, name) => {
    if (value !== undefined) putSecret('openai', value);
    const failure = await control.send(external('openai', 'openai')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name });
    expect(String(failure)).not.toContain('sk-');
    await expect(control.send(new GetApiKeyCredentialProviderCommand({ name: 'openai' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('reads the secret as the caller, at its creation and whenever the key is asked for', async () => {
    const secretArn = putSecret('openai', '{"apiKey":"sk-one"}');
    const agentCoreOnly = clientsOf(aws, testerRole(aws, [allow('bedrock-agentcore:*')]));
    const denied = `is not authorized to perform: secretsmanager:GetSecretValue on resource: ${secretArn}`;
    await expect(agentCoreOnly.control.send(external('openai', secretArn))).rejects.toThrow(denied);
    await control.send(external('openai', secretArn));
    await expect(apiKey(await tokenOf(), 'openai', agentCoreOnly.data)).rejects.toThrow(denied);
  });

  it('leaves the secret alone when it is deleted', async () => {
    putSecret('openai', '{"apiKey":"sk-one"}');
    await control.send(external('openai', 'openai'));
    await control.send(new DeleteApiKeyCredentialProviderCommand({ name: 'openai' }));
    expect(aws.secrets.getValue(aws.iam.administrator, region, { secretId: 'openai' }).secretString).toContain(
      'sk-one',
    );
    await expect(control.send(new DeleteApiKeyCredentialProviderCommand({ name: 'openai' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('can be pointed at another secret, but not be turned into a copy', async () => {
    putSecret('one', '{"apiKey":"sk-one"}');
    const secretArn = putSecret('two', '{"token":"sk-two"}');
    await control.send(external('openai', 'one'));
    const update = (input: object) =>
      control.send(new UpdateApiKeyCredentialProviderCommand({ name: 'openai', ...input }));
    const reference = { apiKeySecretSource: 'EXTERNAL', apiKeySecretConfig: { secretId: 'two', jsonKey: 'token' } };
    expect(await update(reference)).toMatchObject({ apiKeySecretArn: { secretArn }, apiKeySecretJsonKey: 'token' });
    await expect(update({ apiKey: 'sk-copy' })).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('a MANAGED provider', () => {
  const secretName = 'bedrock-agentcore-identity!default/apikey/openai';

  it('is what an older client makes with a name and a key: a copy in a secret of the service', async () => {
    const { apiKeySecretArn, apiKeySecretSource } = await control.send(managed('openai', 'sk-copied'));
    expect(apiKeySecretSource).toBe('MANAGED');
    expect(apiKeySecretArn?.secretArn).toMatch(new RegExp(`:secret:${secretName}-[a-zA-Z0-9]{6}$`));
    expect((await apiKey(await tokenOf(), 'openai')).apiKey).toBe('sk-copied');
    await control.send(new UpdateApiKeyCredentialProviderCommand({ name: 'openai', apiKey: 'sk-newer' }));
    expect((await apiKey(await tokenOf('another'), 'openai')).apiKey).toBe('sk-newer');
  });

  it('takes its secret with it when it is deleted', async () => {
    await control.send(managed('openai'));
    await control.send(new DeleteApiKeyCredentialProviderCommand({ name: 'openai' }));
    expect(() => aws.secrets.describe(aws.iam.administrator, region, secretName)).toThrow();
    await expect(control.send(managed('openai'))).resolves.toMatchObject({ name: 'openai' });
  });

  it('has its secret deleted by AgentCore on behalf of the caller, who need not be able to do it alone', async () => {
    const throughServices: Statement = {
      ...allow('secretsmanager:DeleteSecret'),
      Condition: { Bool: { 'aws:ViaAWSService': 'true' } },
    };
    const caller = testerRole(aws, [allow('bedrock-agentcore:DeleteApiKeyCredentialProvider'), throughServices]);
    const { apiKeySecretArn } = await control.send(managed('openai'));
    const secretId = apiKeySecretArn?.secretArn ?? '';
    const { principal } = aws.iam.assumeRoleAsService(caller, 'test.amazonaws.com', 'tester');
    expect(() => aws.secrets.delete(principal, region, { secretId, force: true })).toThrow('is not authorized');
    await clientsOf(aws, caller).control.send(new DeleteApiKeyCredentialProviderCommand({ name: 'openai' }));
    expect(aws.secrets.list(aws.iam.administrator, region)).toEqual([]);
  });

  it('needs the permissions of its secret, and leaves nothing behind without them', async () => {
    const caller = clientsOf(aws, testerRole(aws, [allow('bedrock-agentcore:*')]));
    await expect(caller.control.send(managed('openai'))).rejects.toThrow(/secretsmanager:CreateSecret on resource/);
    await expect(control.send(managed('openai'))).resolves.toMatchObject({ name: 'openai' });
  });
});

describe('what is refused', () => {
  it.each<[string, object, string]>([
    ['a key and a reference', { apiKey: 'k', apiKeySecretConfig: { secretId: 's', jsonKey: 'j' } }, 'Only one of'],
    ['neither', {}, 'apiKey must be specified'],
    ['EXTERNAL without a reference', { apiKeySecretSource: 'EXTERNAL' }, 'apiKeySecretConfig must be specified'],
    ['a name with a space', { name: 'a b', apiKey: 'k' }, "Value 'a b' at 'name'"],
    ['a name that is too long', { name: 'a'.repeat(129), apiKey: 'k' }, 'less than or equal to 128'],
    ['an empty key', { apiKey: '' }, "Value at 'apiKey'"],
    [
      'too many tags',
      { apiKey: 'k', tags: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`t${i}`, ''])) },
      '50',
    ],
  ])('%s', async (_title, input, message) => {
    const command = new CreateApiKeyCredentialProviderCommand({ name: 'refused', ...input });
    const failure = await control.send(command).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'ValidationException', message: expect.stringContaining(message) });
  });

  it('a name that is taken', async () => {
    await control.send(managed('taken'));
    await expect(control.send(managed('taken'))).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Credential provider with name: taken already exists',
    });
  });

  it('the 51st provider of the account and Region', async () => {
    for (let i = 0; i < 50; i++) await control.send(managed(`p${i}`));
    await expect(control.send(managed('p50'))).rejects.toMatchObject({ name: 'ServiceQuotaExceededException' });
  });
});

it('lists providers page by page, without their keys', async () => {
  for (const name of ['c', 'a', 'b']) await control.send(managed(name));
  const first = await control.send(new ListApiKeyCredentialProvidersCommand({ maxResults: 2 }));
  const second = await control.send(new ListApiKeyCredentialProvidersCommand({ nextToken: first.nextToken }));
  expect([first, second].flatMap((list) => list.credentialProviders?.map(({ name }) => name))).toEqual(['a', 'b', 'c']);
  expect(second.nextToken).toBeUndefined();
  expect(JSON.stringify([first, second])).not.toContain('sk-');
});

it('keeps tags, which an update does not touch', async () => {
  await control.send(
    new CreateApiKeyCredentialProviderCommand({ name: 'tagged', apiKey: 'k', tags: { a: '1', b: '2' } }),
  );
  const resourceArn = providerArn('tagged');
  await control.send(new TagResourceCommand({ resourceArn, tags: { b: '3', c: '4' } }));
  await control.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
  await control.send(new UpdateApiKeyCredentialProviderCommand({ name: 'tagged', apiKey: 'k2' }));
  expect((await control.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({ b: '3', c: '4' });
  await expect(
    control.send(new ListTagsForResourceCommand({ resourceArn: providerArn('other') })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

it('has a token vault since the first provider', async () => {
  await expect(control.send(new GetTokenVaultCommand({}))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await control.send(managed('first'));
  expect(await control.send(new GetTokenVaultCommand({}))).toMatchObject({ tokenVaultId: 'default' });
});

describe('permissions: without one, the error names it and the resource', () => {
  const directoryArn = `${base}workload-identity-directory/default`;
  const identityArn = `${directoryArn}/workload-identity/workload`;

  const without = (action: string, resource: string) => {
    const deny: Statement = { Effect: 'Deny', Action: action, Resource: resource };
    return clientsOf(aws, testerRole(aws, [allow('*'), deny]));
  };

  it.each([
    ['CreateApiKeyCredentialProvider', vaultArn],
    ['CreateApiKeyCredentialProvider', providerArn('openai')],
    ['CreateTokenVault', vaultArn],
  ])('%s on %s', async (operation, resource) => {
    const action = `bedrock-agentcore:${operation}`;
    await expect(without(action, resource).control.send(managed('openai'))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`is not authorized to perform: ${action} on resource: ${resource}`),
    });
  });

  it('CreateTokenVault is asked for at the first provider only', async () => {
    await control.send(managed('first'));
    await without('bedrock-agentcore:CreateTokenVault', '*').control.send(managed('second'));
  });

  it.each([providerArn('openai'), vaultArn, directoryArn, identityArn])('GetResourceApiKey on %s', async (resource) => {
    await control.send(managed('openai'));
    const token = await tokenOf();
    const action = 'bedrock-agentcore:GetResourceApiKey';
    await expect(apiKey(token, 'openai', without(action, resource).data)).rejects.toThrow(
      `is not authorized to perform: ${action} on resource: ${resource}`,
    );
  });
});

describe('the KMS key of the token vault', () => {
  const set = new SetTokenVaultCMKCommand({ kmsConfiguration: { keyType: 'ServiceManagedKey' } });

  it('is refused to those who may not set it, and by name to the others', async () => {
    await expect(clientsOf(aws, testerRole(aws, [])).control.send(set)).rejects.toThrow(/SetTokenVaultCMK on resource/);
    await expect(control.send(set)).rejects.toThrow('local-aws does not support SetTokenVaultCMK');
  });
});

describe('policies can speak of tags', () => {
  const owned = { 'outbound-auth:stack-id': 'stack-1' };
  const create = (name: string, tags: Record<string, string>) =>
    new CreateApiKeyCredentialProviderCommand({ name, apiKey: 'sk-managed', tags });
  const as = (...statements: Statement[]) => clientsOf(aws, testerRole(aws, statements)).control;
  const denied = { name: 'AccessDeniedException' };
  const agentCore = (actions: string[], Condition: NonNullable<Statement['Condition']>): Statement => ({
    Effect: 'Allow',
    Action: actions.map((action) => `bedrock-agentcore:${action}`),
    Resource: providerArn('*'),
    Condition,
  });
  const onVault: Statement = { Effect: 'Allow', Action: 'bedrock-agentcore:*', Resource: vaultArn };

  it('of the provider: what is not tagged as theirs cannot be read, changed, tagged or deleted', async () => {
    await control.send(create('ours', owned));
    await control.send(create('theirs', { 'outbound-auth:stack-id': 'stack-2' }));
    const actions = ['Get', 'Update', 'Delete'].map((verb) => `${verb}ApiKeyCredentialProvider`);
    const owner = as(
      onVault,
      allow('secretsmanager:*'),
      agentCore([...actions, 'TagResource', 'UntagResource', 'ListTagsForResource'], {
        StringEquals: { 'aws:ResourceTag/outbound-auth:stack-id': 'stack-1' },
      }),
    );
    const resourceArn = providerArn('theirs');
    await expect(owner.send(new GetApiKeyCredentialProviderCommand({ name: 'theirs' }))).rejects.toMatchObject(denied);
    const update = (name: string) => owner.send(new UpdateApiKeyCredentialProviderCommand({ name, apiKey: 'sk-2' }));
    await expect(update('theirs')).rejects.toMatchObject(denied);
    const remove = (name: string) => owner.send(new DeleteApiKeyCredentialProviderCommand({ name }));
    await expect(remove('theirs')).rejects.toMatchObject(denied);
    await expect(owner.send(new TagResourceCommand({ resourceArn, tags: owned }))).rejects.toMatchObject(denied);
    await expect(owner.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }))).rejects.toMatchObject(denied);
    await expect(owner.send(new ListTagsForResourceCommand({ resourceArn }))).rejects.toMatchObject(denied);
    await update('ours');
    await owner.send(new TagResourceCommand({ resourceArn: providerArn('ours'), tags: { retired: 'true' } }));
    await remove('ours');
  });

  it('of the request: what is made must be tagged as theirs', async () => {
    const maker = as(
      onVault,
      allow('secretsmanager:*'),
      agentCore(['CreateApiKeyCredentialProvider', 'TagResource'], {
        StringEquals: { 'aws:RequestTag/outbound-auth:stack-id': 'stack-1' },
      }),
    );
    await expect(maker.send(managed('untagged'))).rejects.toMatchObject(denied);
    await expect(maker.send(create('wrong', { 'outbound-auth:stack-id': 'stack-2' }))).rejects.toMatchObject(denied);
    await expect(maker.send(create('right', owned))).resolves.toMatchObject({ name: 'right' });
  });

  it('by their keys: only some may be put and removed', async () => {
    await control.send(create('tagged', owned));
    const tagger = as(
      agentCore(['TagResource', 'UntagResource'], {
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['outbound-auth:retired'] },
      }),
    );
    const resourceArn = providerArn('tagged');
    const retired = { 'outbound-auth:retired': 'true' };
    await tagger.send(new TagResourceCommand({ resourceArn, tags: retired }));
    await expect(
      tagger.send(new TagResourceCommand({ resourceArn, tags: { ...retired, other: 'x' } })),
    ).rejects.toMatchObject(denied);
    await tagger.send(new UntagResourceCommand({ resourceArn, tagKeys: ['outbound-auth:retired'] }));
    await expect(
      tagger.send(new UntagResourceCommand({ resourceArn, tagKeys: ['outbound-auth:stack-id'] })),
    ).rejects.toMatchObject(denied);
  });
});

describe('an agent that has a workload identity of its own', () => {
  const workloadName = 'outbound-auth-dev';
  const directoryArn = `${base}workload-identity-directory/default`;
  const identityArn = `${directoryArn}/workload-identity/${workloadName}`;
  const key = 'sk-only-for-the-agent';
  let secretArn: string;

  beforeEach(async () => {
    secretArn = putSecret('openai', JSON.stringify({ apiKey: key }));
    await control.send(external('openai', secretArn));
    await control.send(new CreateWorkloadIdentityCommand({ name: workloadName }));
  });

  const statements: Statement[] = [
    {
      Effect: 'Allow',
      Action: 'bedrock-agentcore:GetWorkloadAccessToken',
      Resource: [directoryArn, identityArn],
    },
    {
      Effect: 'Allow',
      Action: 'bedrock-agentcore:GetResourceApiKey',
      Resource: [providerArn('openai'), vaultArn, directoryArn, identityArn],
    },
  ];
  const agent = (...more: Statement[]) => clientsOf(aws, testerRole(aws, [...statements, ...more])).data;
  const readSecret = (): Statement => ({
    Effect: 'Allow',
    Action: 'secretsmanager:GetSecretValue',
    Resource: secretArn,
  });
  const ask = async (client: typeof data) => {
    const { workloadAccessToken } = await client.send(new GetWorkloadAccessTokenCommand({ workloadName }));
    return { workloadAccessToken, ...(await apiKey(workloadAccessToken, 'openai', client)) };
  };

  it('gets the key with its execution role alone, without a user', async () => {
    expect((await ask(agent(readSecret()))).apiKey).toBe(key);
  });

  it('gets no key without the permission to read the secret', async () => {
    await expect(ask(agent())).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('gets a token for no other identity', async () => {
    await control.send(new CreateWorkloadIdentityCommand({ name: 'somebody-else' }));
    await expect(
      agent(readSecret()).send(new GetWorkloadAccessTokenCommand({ workloadName: 'somebody-else' })),
    ).rejects.toThrow(/GetWorkloadAccessToken on resource: .*\/workload-identity\/somebody-else/);
  });

  it('leaves neither key nor token in what local-aws keeps of its calls', async () => {
    const recording = aws.iam.record();
    const { workloadAccessToken = '' } = await ask(agent(readSecret()));
    const kept = JSON.stringify([aws.journal, recording, aws.faults]);
    expect(kept).toContain('GetResourceApiKey');
    for (const secret of [key, workloadAccessToken]) expect(kept).not.toContain(secret);
  });
});

describe('a workload access token', () => {
  beforeEach(() => control.send(managed('openai')));

  it('cannot be guessed', async () => {
    const failure = await apiKey('A'.repeat(128), 'openai').catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'UnauthorizedException' });
  });

  it('ends with its workload identity', async () => {
    const token = await tokenOf();
    await control.send(new DeleteWorkloadIdentityCommand({ name: 'workload' }));
    await expect(apiKey(token, 'openai')).rejects.toMatchObject({ name: 'UnauthorizedException' });
  });

  it('ends after an hour', async () => {
    const token = await tokenOf();
    const later = Date.now() + 3_601_000;
    const clock = jest.spyOn(Date, 'now').mockReturnValue(later);
    try {
      expect(() => aws.workloadIdentities.readToken(region, token ?? '')).toThrow('invalid or has expired');
    } finally {
      clock.mockRestore();
    }
  });

  it('is given to nobody for the identity of a runtime', async () => {
    aws.workloadIdentities.createServiceLinked(region, 'agent-1234567890');
    await expect(data.send(new GetWorkloadAccessTokenCommand({ workloadName: 'agent-1234567890' }))).rejects.toThrow(
      'WorkloadIdentity is linked to a service and cannot retrieve an access token by the caller',
    );
  });

  it('gives no key of a provider that is not there', async () => {
    await expect(apiKey(await tokenOf(), 'nothing')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
