import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { SecretStore } from '../../../local-aws/secretsmanager/secret-store.ts';
import { secretsManagerService } from '../../../local-aws/secretsmanager/service.ts';
import { account, region, type Started, startServices } from '../http/start-services.ts';

const arnStart = `arn:aws:secretsmanager:${region}:${account}:secret:`;
const token = (digit: number) => `00000000-0000-0000-0000-00000000000${digit}`;

let started: Started;
let client: SecretsManagerClient;
beforeEach(async () => {
  started = await startServices(
    (aws) => {
      aws.secrets = new SecretStore(aws);
    },
    [secretsManagerService],
  );
  client = new SecretsManagerClient(started.client());
});
afterEach(async () => {
  client.destroy();
  await started.close();
});

const create = (SecretString = 'one', Name = 'openai') =>
  client.send(new CreateSecretCommand({ Name, SecretString, ClientRequestToken: token(1) }));
const put = (SecretString: string, digit: number, VersionStages?: string[]) =>
  client.send(
    new PutSecretValueCommand({
      SecretId: 'openai',
      SecretString,
      ClientRequestToken: token(digit),
      ...(VersionStages ? { VersionStages } : {}),
    }),
  );
const get = (input: { SecretId?: string; VersionId?: string; VersionStage?: string } = {}) =>
  client.send(new GetSecretValueCommand({ SecretId: 'openai', ...input }));
const stages = async () =>
  (await client.send(new DescribeSecretCommand({ SecretId: 'openai' }))).VersionIdsToStages ?? {};

describe('a new secret', () => {
  test('has an ARN that ends with six random characters, and its first version is AWSCURRENT', async () => {
    const { ARN, Name, VersionId } = await create('{"apiKey":"k"}');
    expect(ARN).toMatch(new RegExp(`^${arnStart}openai-[A-Za-z0-9]{6}$`));
    expect({ Name, VersionId }).toEqual({ Name: 'openai', VersionId: token(1) });
    expect(await get()).toMatchObject({
      ARN,
      Name: 'openai',
      SecretString: '{"apiKey":"k"}',
      VersionId: token(1),
      VersionStages: ['AWSCURRENT'],
      CreatedDate: expect.any(Date),
    });
  });

  test('may hold bytes', async () => {
    const SecretBinary = Uint8Array.of(0, 255, 10);
    await client.send(new CreateSecretCommand({ Name: 'bytes', SecretBinary }));
    const value = await get({ SecretId: 'bytes' });
    expect(value.SecretString).toBeUndefined();
    expect([...(value.SecretBinary ?? [])]).toEqual([0, 255, 10]);
  });

  test('may have no value yet', async () => {
    const { VersionId } = await client.send(new CreateSecretCommand({ Name: 'openai' }));
    expect(VersionId).toBeUndefined();
    await expect(get()).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    });
  });

  test.each(['', 'with space', 'ümlaut', 'a'.repeat(513)])('cannot be called "%s"', async (Name) => {
    await expect(client.send(new CreateSecretCommand({ Name }))).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    });
  });

  test('takes the name of the secrets that AgentCore makes', async () => {
    const { ARN } = await create('k', 'bedrock-agentcore-identity!default/apikey/openai-AbCdEf');
    expect(ARN).toContain('secret:bedrock-agentcore-identity!default/apikey/openai-AbCdEf-');
  });

  test('cannot hold a text and bytes, or nothing, or more than 65,536 bytes; the message never holds the value', async () => {
    const both = { Name: 'a', SecretString: 'sk-1', SecretBinary: Uint8Array.of(1) };
    await expect(client.send(new CreateSecretCommand(both))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await expect(client.send(new CreateSecretCommand({ Name: 'a', SecretString: '' }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    const long = 'sk-1'.repeat(20_000);
    await expect(client.send(new CreateSecretCommand({ Name: 'a', SecretString: long }))).rejects.toMatchObject({
      message: 'A secret value has 1 to 65536 bytes; this one has 80000.',
    });
  });

  test('of a name that is there is refused, but the same call repeated is harmless', async () => {
    const first = await create('one');
    expect((await create('one')).ARN).toBe(first.ARN);
    await expect(create('two')).rejects.toMatchObject({
      name: 'ResourceExistsException',
      message: 'The operation failed because the secret openai already exists.',
    });
  });

  test('lives in its Region alone', async () => {
    await create();
    const elsewhere = new SecretsManagerClient({ ...started.client(), region: 'us-east-1' });
    await expect(elsewhere.send(new GetSecretValueCommand({ SecretId: 'openai' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    elsewhere.destroy();
  });
});

describe('a secret is found', () => {
  test('by name, by full ARN, and by ARN without the random characters', async () => {
    const { ARN = '' } = await create();
    for (const SecretId of ['openai', ARN, `${arnStart}openai`]) {
      expect((await get({ SecretId })).ARN).toBe(ARN);
    }
  });

  test.each(['open', 'openai-', `${arnStart}openai-AAAAAA`, `${arnStart}open`])('but not by %s', async (SecretId) => {
    await create();
    await expect(get({ SecretId })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
  });
});

describe('versions', () => {
  test('a new value becomes AWSCURRENT, and the one before AWSPREVIOUS', async () => {
    await create('one');
    await put('two', 2);
    expect(await stages()).toEqual({ [token(1)]: ['AWSPREVIOUS'], [token(2)]: ['AWSCURRENT'] });
    expect((await get()).SecretString).toBe('two');
    expect((await get({ VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('one');
  });

  test('the third value leaves the first without a label: it is still read by its id, and not listed', async () => {
    await create('one');
    await put('two', 2);
    await put('three', 3);
    expect(await stages()).toEqual({ [token(2)]: ['AWSPREVIOUS'], [token(3)]: ['AWSCURRENT'] });
    expect((await get({ VersionId: token(1) })).SecretString).toBe('one');
    const list = async (IncludeDeprecated: boolean) => {
      const command = new ListSecretVersionIdsCommand({ SecretId: 'openai', IncludeDeprecated });
      return (await client.send(command)).Versions?.map(({ VersionId }) => VersionId);
    };
    expect(await list(false)).toEqual([token(2), token(3)]);
    expect(await list(true)).toEqual([token(1), token(2), token(3)]);
  });

  test('a value put as AWSPENDING changes nothing for readers until the labels move, as in a rotation', async () => {
    await create('one');
    await put('two', 2, ['AWSPENDING']);
    expect((await get()).SecretString).toBe('one');
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: 'openai',
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: token(2),
        RemoveFromVersionId: token(1),
      }),
    );
    expect((await get()).SecretString).toBe('two');
    expect(await stages()).toEqual({ [token(1)]: ['AWSPREVIOUS'], [token(2)]: ['AWSPENDING', 'AWSCURRENT'] });
  });

  test('a label is only moved from the version that the call names', async () => {
    await create('one');
    await put('two', 2, ['AWSPENDING']);
    const move = { SecretId: 'openai', VersionStage: 'AWSCURRENT', MoveToVersionId: token(2) };
    await expect(client.send(new UpdateSecretVersionStageCommand(move))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining(`Staging label AWSCURRENT is currently attached to version ${token(1)}`),
    });
    expect((await get()).SecretString).toBe('one');
  });

  test('AWSCURRENT cannot be taken away altogether', async () => {
    await create('one');
    const remove = { SecretId: 'openai', VersionStage: 'AWSCURRENT', RemoveFromVersionId: token(1) };
    await expect(client.send(new UpdateSecretVersionStageCommand(remove))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  test('the same token with the same value changes nothing; with another value it is refused', async () => {
    await create('one');
    await put('two', 2);
    await put('three', 3);
    await put('two', 2);
    expect((await get()).SecretString).toBe('three');
    await expect(put('other', 2)).rejects.toMatchObject({
      name: 'ResourceExistsException',
      message: expect.stringContaining(`You can't use ClientRequestToken ${token(2)}`),
    });
  });

  test('UpdateSecret changes the description, and the value when one is given', async () => {
    await create('one');
    const described = await client.send(new UpdateSecretCommand({ SecretId: 'openai', Description: 'for the agent' }));
    expect(described.VersionId).toBeUndefined();
    const update = { SecretId: 'openai', SecretString: 'two', ClientRequestToken: token(2) };
    expect((await client.send(new UpdateSecretCommand(update))).VersionId).toBe(token(2));
    expect((await get()).SecretString).toBe('two');
    expect((await client.send(new DescribeSecretCommand({ SecretId: 'openai' }))).Description).toBe('for the agent');
  });

  test('a version or label that is not there is named', async () => {
    await create('one');
    await expect(get({ VersionStage: 'AWSPENDING' })).rejects.toMatchObject({
      message: "Secrets Manager can't find the specified secret value for staging label: AWSPENDING",
    });
    await expect(get({ VersionId: token(9) })).rejects.toMatchObject({
      message: `Secrets Manager can't find the specified secret value for VersionId: ${token(9)}`,
    });
    await expect(get({ VersionId: token(1), VersionStage: 'AWSPREVIOUS' })).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
  });
});

describe('deletion', () => {
  const remove = (input = {}) => client.send(new DeleteSecretCommand({ SecretId: 'openai', ...input }));

  test('marks a secret for 30 days: not to be read, written or made anew, but described, and restored', async () => {
    const { ARN } = await create();
    const { DeletionDate } = await remove();
    expect(((DeletionDate?.getTime() ?? 0) - Date.now()) / 86_400_000).toBeCloseTo(30, 2);
    await expect(get()).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: "You can't perform this operation on the secret because it was marked for deletion.",
    });
    await expect(put('two', 2)).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await expect(create()).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: "You can't create this secret because a secret with this name is already scheduled for deletion.",
    });
    expect((await client.send(new DescribeSecretCommand({ SecretId: 'openai' }))).DeletedDate).toBeInstanceOf(Date);
    await client.send(new RestoreSecretCommand({ SecretId: 'openai' }));
    expect((await get()).ARN).toBe(ARN);
  });

  test('by force is at once, makes the name free, and the new secret has another ARN', async () => {
    const { ARN } = await create();
    await remove({ ForceDeleteWithoutRecovery: true });
    await expect(get()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect((await create()).ARN).not.toBe(ARN);
  });

  test('by force of what is not there succeeds; without force it does not', async () => {
    await remove({ ForceDeleteWithoutRecovery: true });
    await expect(remove()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test.each([6, 31])('a recovery window of %d days is refused', async (RecoveryWindowInDays) => {
    await create();
    await expect(remove({ RecoveryWindowInDays })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
    });
  });

  test('by force and with a window is a contradiction', async () => {
    await create();
    await expect(remove({ RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });
});

describe('listing', () => {
  const names = async (input = {}) => {
    const { SecretList, NextToken } = await client.send(new ListSecretsCommand({ SortOrder: 'asc', ...input }));
    return { names: SecretList?.map(({ Name }) => Name), NextToken };
  };

  test('filters by the beginning of a name, or by what does not begin so', async () => {
    for (const name of ['dev/openai', 'dev/azure', 'prod/openai']) await create('k', name);
    expect((await names()).names).toEqual(['dev/openai', 'dev/azure', 'prod/openai']);
    expect((await names({ Filters: [{ Key: 'name', Values: ['dev/'] }] })).names).toEqual(['dev/openai', 'dev/azure']);
    expect((await names({ Filters: [{ Key: 'name', Values: ['!dev/'] }] })).names).toEqual(['prod/openai']);
  });

  test('filters by tags', async () => {
    await client.send(new CreateSecretCommand({ Name: 'a', SecretString: 'k', Tags: [{ Key: 'team', Value: 'x' }] }));
    await create('k', 'b');
    expect((await names({ Filters: [{ Key: 'tag-key', Values: ['team'] }] })).names).toEqual(['a']);
  });

  test('goes by pages', async () => {
    for (const name of ['a', 'b', 'c']) await create('k', name);
    const first = await names({ MaxResults: 2 });
    expect(first.names).toEqual(['a', 'b']);
    expect(await names({ MaxResults: 2, NextToken: first.NextToken })).toEqual({ names: ['c'], NextToken: undefined });
  });

  test('leaves out what is marked for deletion, unless asked for', async () => {
    await create();
    await client.send(new DeleteSecretCommand({ SecretId: 'openai' }));
    expect((await names()).names).toEqual([]);
    expect((await names({ IncludePlannedDeletion: true })).names).toEqual(['openai']);
  });

  test('refuses a filter that it does not know by name', async () => {
    await create();
    await expect(names({ Filters: [{ Key: 'primary-region', Values: ['x'] }] })).rejects.toMatchObject({
      message: 'local-aws does not support the filter "primary-region" of ListSecrets.',
    });
  });
});

test('tags come and go', async () => {
  await create();
  const Tags = [
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ];
  await client.send(new TagResourceCommand({ SecretId: 'openai', Tags }));
  await client.send(new UntagResourceCommand({ SecretId: 'openai', TagKeys: ['a'] }));
  expect((await client.send(new DescribeSecretCommand({ SecretId: 'openai' }))).Tags).toEqual([
    { Key: 'b', Value: '2' },
  ]);
});

test('several secrets are read at once, with an error for each that cannot be', async () => {
  await create();
  const { SecretValues, Errors } = await client.send(
    new BatchGetSecretValueCommand({ SecretIdList: ['openai', 'no'] }),
  );
  expect(SecretValues?.map(({ SecretString }) => SecretString)).toEqual(['one']);
  expect(Errors).toEqual([
    {
      SecretId: 'no',
      ErrorCode: 'ResourceNotFoundException',
      Message: "Secrets Manager can't find the specified secret.",
    },
  ]);
});

test('what local-aws does not do is refused by name', async () => {
  await expect(client.send(new GetRandomPasswordCommand({}))).rejects.toMatchObject({
    message: 'local-aws does not support Secrets Manager: GetRandomPassword.',
  });
  const replicated = { Name: 'a', SecretString: 'k', AddReplicaRegions: [{ Region: 'us-east-1' }] };
  await expect(client.send(new CreateSecretCommand(replicated))).rejects.toMatchObject({
    message: 'local-aws does not support the parameter AddReplicaRegions of CreateSecret.',
  });
});

test('changes are told with ARN, version and operation, and never with a value', async () => {
  const changes: object[] = [];
  started.aws.secrets.onChange((change) => changes.push(change));
  const caller = started.aws.iam.administrator;
  const { ARN: arn } = await create('sk-1');
  await put('sk-2', 2);
  await get();
  await client.send(new DeleteSecretCommand({ SecretId: 'openai' }));
  const common = { region, arn, name: 'openai', caller };
  const current = (version: number) => ({ label: 'AWSCURRENT', versionId: token(version) });
  const previous = (version: number) => ({ label: 'AWSPREVIOUS', versionId: token(version) });
  expect(changes).toEqual([
    {
      ...common,
      ...{ versionId: token(1), operation: 'CreateSecret', movedLabels: [current(1)] },
      parameters: { name: 'openai', clientRequestToken: token(1) },
    },
    {
      ...common,
      ...{ versionId: token(2), operation: 'PutSecretValue', movedLabels: [previous(1), current(2)] },
      parameters: { secretId: 'openai', clientRequestToken: token(2) },
    },
    {
      ...common,
      ...{ versionId: undefined, operation: 'DeleteSecret', movedLabels: [] },
      parameters: { secretId: 'openai' },
    },
  ]);
});

describe('permissions', () => {
  const as = async <T>(role: string, run: (own: SecretsManagerClient) => Promise<T>): Promise<T> => {
    const own = new SecretsManagerClient(started.client(role));
    try {
      return await run(own);
    } finally {
      own.destroy();
    }
  };
  const read = (SecretId: string) => (own: SecretsManagerClient) => own.send(new GetSecretValueCommand({ SecretId }));

  test('reading needs GetSecretValue on the full ARN; the one without the random characters matches nothing', async () => {
    const { ARN = '' } = await create();
    started.role('exact', { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: ARN });
    started.role('partial', {
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: `${arnStart}openai`,
    });
    started.role('pattern', {
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: `${arnStart}openai-??????`,
    });
    expect((await as('exact', read('openai'))).SecretString).toBe('one');
    expect((await as('pattern', read('openai'))).SecretString).toBe('one');
    await expect(as('partial', read('openai'))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: arn:aws:sts::${account}:assumed-role/partial/test is not authorized to perform: secretsmanager:GetSecretValue on resource: ${ARN} because no identity-based policy allows the secretsmanager:GetSecretValue action`,
    });
  });

  test('a secret that is not there is only "not found" for one who may read every secret', async () => {
    started.role('some', { Effect: 'Allow', Action: 'secretsmanager:*', Resource: `${arnStart}openai-*` });
    started.role('all', { Effect: 'Allow', Action: 'secretsmanager:*', Resource: '*' });
    await expect(as('some', read('openai'))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('on resource: openai because'),
    });
    await expect(as('all', read('openai'))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('conditions on label and tags count', async () => {
    await client.send(
      new CreateSecretCommand({ Name: 'openai', SecretString: 'k', Tags: [{ Key: 'team', Value: 'x' }] }),
    );
    const may = (name: string, Condition: Record<string, Record<string, string>>) =>
      started.role(name, { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*', Condition });
    may('current', { StringEquals: { 'secretsmanager:VersionStage': 'AWSCURRENT' } });
    may('pending', { StringEquals: { 'secretsmanager:VersionStage': 'AWSPENDING' } });
    may('team-x', { StringEquals: { 'aws:ResourceTag/team': 'x' } });
    may('team-y', { StringEquals: { 'secretsmanager:ResourceTag/team': 'y' } });
    expect((await as('current', read('openai'))).SecretString).toBe('k');
    expect((await as('team-x', read('openai'))).SecretString).toBe('k');
    await expect(as('pending', read('openai'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(as('team-y', read('openai'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('creating with tags needs TagResource too', async () => {
    started.role('creator', {
      Effect: 'Allow',
      Action: 'secretsmanager:CreateSecret',
      Resource: `${arnStart}openai-??????`,
    });
    const createAs = (Tags?: { Key: string; Value: string }[]) =>
      as('creator', (own) =>
        own.send(new CreateSecretCommand({ Name: 'openai', SecretString: 'k', ...(Tags ? { Tags } : {}) })),
      );
    await expect(createAs([{ Key: 'a', Value: 'b' }])).rejects.toMatchObject({
      message: expect.stringContaining('secretsmanager:TagResource'),
    });
    expect((await createAs()).Name).toBe('openai');
  });

  test('a secret under a customer key needs kms:Decrypt on that key, by way of Secrets Manager', async () => {
    const key = `arn:aws:kms:${region}:${account}:key/11111111-2222-3333-4444-555555555555`;
    await client.send(
      new CreateSecretCommand({ Name: 'openai', SecretString: 'k', KmsKeyId: key.split('/')[1] as string }),
    );
    const reading = { Effect: 'Allow' as const, Action: 'secretsmanager:GetSecretValue', Resource: '*' };
    const viaService = { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` } };
    started.role('without', reading);
    started.role('with', reading, { Effect: 'Allow', Action: 'kms:Decrypt', Resource: key, Condition: viaService });
    await expect(as('without', read('openai'))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: 'Access to KMS is not allowed',
    });
    expect((await as('with', read('openai'))).SecretString).toBe('k');
  });

  test('each operation asks for its own action', async () => {
    await create();
    started.role('nobody');
    const calls: [string, (own: SecretsManagerClient) => Promise<unknown>][] = [
      ['PutSecretValue', (own) => own.send(new PutSecretValueCommand({ SecretId: 'openai', SecretString: 'x' }))],
      ['UpdateSecret', (own) => own.send(new UpdateSecretCommand({ SecretId: 'openai', SecretString: 'x' }))],
      ['DescribeSecret', (own) => own.send(new DescribeSecretCommand({ SecretId: 'openai' }))],
      ['ListSecretVersionIds', (own) => own.send(new ListSecretVersionIdsCommand({ SecretId: 'openai' }))],
      [
        'DeleteSecret',
        (own) => own.send(new DeleteSecretCommand({ SecretId: 'openai', ForceDeleteWithoutRecovery: true })),
      ],
      ['RestoreSecret', (own) => own.send(new RestoreSecretCommand({ SecretId: 'openai' }))],
      ['TagResource', (own) => own.send(new TagResourceCommand({ SecretId: 'openai', Tags: [] }))],
      ['UntagResource', (own) => own.send(new UntagResourceCommand({ SecretId: 'openai', TagKeys: [] }))],
      ['ListSecrets', (own) => own.send(new ListSecretsCommand({}))],
      ['CreateSecret', (own) => own.send(new CreateSecretCommand({ Name: 'x', SecretString: 'x' }))],
    ];
    for (const [operation, call] of calls) {
      await expect(as('nobody', call)).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringContaining(`secretsmanager:${operation} on resource`),
      });
    }
    expect((await get()).SecretString).toBe('one');
  });
});
