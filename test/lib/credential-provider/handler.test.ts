import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { run, runRefresh } from '../../../lib/credential-provider/handler/run.ts';
import { account, arnOf, awsError, FakeAws, type FakeSecret } from './fake-aws.ts';

const key = 'sk-canary-5f8e2b71c9d04a36';
const stackId = 'arn:aws:cloudformation:us-east-1:111122223333:stack/outbound-auth-dev-identity/1';

let aws: FakeAws;
let log: string[];

beforeEach(() => {
  aws = new FakeAws();
  aws.store('openai', JSON.stringify({ apiKey: key }));
  log = [];
});

afterEach(() => {
  expect(log.join('\n')).not.toContain(key);
});

interface Wish {
  readonly name?: string;
  readonly secret?: string;
  readonly jsonKey?: string;
  readonly more?: Record<string, string>;
}

const copied = { SecretSource: 'MANAGED' };

function propertiesOf({ name = 'openai-provider', secret = 'openai', jsonKey = 'apiKey', more = {} }: Wish) {
  return {
    ServiceToken: 'arn:aws:lambda:us-east-1:111122223333:function:handler',
    CredentialProviderName: name,
    SecretSource: 'EXTERNAL',
    SecretId: secret,
    ...(jsonKey && { JsonKey: jsonKey }),
    ...more,
  };
}

const surroundings = () => ({
  calls: aws,
  log: (entry: Record<string, string>) => void log.push(JSON.stringify(entry)),
  clock: aws.clock,
  remainingTime: 120_000,
});

async function handle(
  requestType: 'Create' | 'Update' | 'Delete',
  properties: Wish = {},
  old: Wish = {},
  { physicalId = 'openai-provider', stack = stackId, status = statusOf[requestType] as string } = {},
) {
  const event = {
    RequestType: requestType,
    ResponseURL: 'https://example.com/secret-signature',
    StackId: stack,
    RequestId: 'request',
    LogicalResourceId: 'Provider',
    ResourceType: 'Custom::ApiKeyCredentialProvider',
    ServiceToken: 'arn:aws:lambda:us-east-1:111122223333:function:handler',
    ...(requestType === 'Create' ? {} : { PhysicalResourceId: physicalId }),
    ResourceProperties: propertiesOf(properties),
    ...(requestType === 'Update' ? { OldResourceProperties: propertiesOf(old) } : {}),
  } as CloudFormationCustomResourceEvent;
  aws.status = status;
  const response = await run(event, surroundings());
  aws.status = 'UPDATE_COMPLETE';
  expect(JSON.stringify(response)).not.toContain(key);
  return response;
}

const idOfCloudFormation = 'outbound-auth-dev-identity-Provider-1A2B3C';

const statusOf = {
  Create: 'CREATE_IN_PROGRESS',
  Update: 'UPDATE_IN_PROGRESS',
  Delete: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
} as const;

/** @param pinned what an endpoint uses that stays on an older version */
function inUse(name: string, pinned?: string) {
  const event = {
    RequestType: 'Update',
    ResponseURL: 'https://example.com/secret-signature',
    StackId: 'arn:of-the-agent-stack',
    RequestId: 'request',
    LogicalResourceId: 'InUse',
    ResourceType: 'Custom::CredentialProviderInUse',
    PhysicalResourceId: 'InUse',
    ResourceProperties: {
      CredentialProviderName: name,
      ...(pinned && { PinnedCredentialProviderName: pinned, PinnedBy: 'arn:of-the-endpoint' }),
      OwnerStackId: stackId,
      OwnerLogicalId: 'Provider',
    },
  } as unknown as CloudFormationCustomResourceEvent;
  return run(event, surroundings());
}

describe('create', () => {
  test('makes a provider that refers to the secret by its full ARN, marked as ours', async () => {
    const response = await handle('Create');
    expect(response).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'openai-provider',
      Data: {
        CredentialProviderArn: expect.stringMatching(/apikeycredentialprovider\/openai-provider$/),
        SecretArn: aws.secretArn('openai'),
      },
    });
    expect(aws.providers.get('openai-provider')).toMatchObject({
      key: { source: 'EXTERNAL', secretArn: aws.secretArn('openai'), jsonKey: 'apiKey' },
      tags: { 'outbound-auth:stack-id': stackId, 'outbound-auth:logical-id': 'Provider' },
    });
  });

  test('repeated after a lost answer, succeeds with the one that it made', async () => {
    await handle('Create');
    expect(await handle('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'openai-provider' });
    expect(aws.calls.filter((call) => call === 'createProvider')).toHaveLength(1);
  });

  test('over the provider of another stack is refused, says whose it is, and leaves it as it is', async () => {
    await handle('Create', {}, {}, { stack: 'arn:of-another-stack' });
    const before = structuredClone(aws.providers.get('openai-provider'));
    const response = await handle('Create');
    expect(response).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'create-failed:openai-provider' });
    expect(response.Reason).toBe(
      'The credential provider openai-provider exists already and belongs to Provider of the stack arn:of-another-stack. Take it over with adoptExisting: true, or choose another credentialProviderName.',
    );
    expect(aws.providers.get('openai-provider')).toEqual(before);
  });

  test('that was refused is followed by a delete, which touches nothing', async () => {
    await handle('Create', {}, {}, { stack: 'arn:of-another-stack' });
    const { PhysicalResourceId } = await handle('Create');
    aws.calls.length = 0;
    const before = structuredClone(aws.providers);
    expect(await handle('Delete', {}, {}, { physicalId: PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS' });
    expect(aws.providers).toEqual(before);
  });

  test('that fails in the middle is followed by a delete, which removes what was made, even what was to be retained', async () => {
    // It was created, and then what followed failed.
    aws.trouble = {
      after: (call) => {
        if (call === 'createProvider') throw awsError('ServiceQuotaExceededException', 'Too many', 402);
      },
    };
    const retained = { more: { OnDelete: 'Retain' } };
    const response = await handle('Create', retained);
    aws.trouble = {};
    expect(response).toMatchObject({ Status: 'FAILED', Reason: 'ServiceQuotaExceededException: Too many' });
    expect(aws.providers.size).toBe(1);
    await handle('Delete', retained, {}, { physicalId: response.PhysicalResourceId, status: 'ROLLBACK_IN_PROGRESS' });
    expect(aws.providers.size).toBe(0);
  });

  test('that never answered is followed by a delete under an id of CloudFormation, which finds what was made', async () => {
    await handle('Create');
    await handle('Delete', {}, {}, { physicalId: idOfCloudFormation, status: 'ROLLBACK_IN_PROGRESS' });
    expect(aws.providers.size).toBe(0);
  });

  test('waits out throttling, faults of the service and of the network', async () => {
    aws.faults.set('getProvider', awsError('ThrottlingException', 'Rate exceeded'));
    aws.faults.set('createProvider', awsError('InternalServerException', 'Try again', 500));
    aws.faults.set('describeSecret', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    expect(await handle('Create')).toMatchObject({ Status: 'SUCCESS' });
    expect(aws.clock.slept).toHaveLength(3);
  });

  test('waits out a role whose policies are not known everywhere yet, and no longer than twenty seconds', async () => {
    aws.faults.set('createProvider', awsError('AccessDeniedException', 'Not authorized'));
    expect(await handle('Create')).toMatchObject({ Status: 'SUCCESS' });
    aws.secrets.set('openai', { version: 1, denied: true });
    const start = aws.clock.time;
    expect(await handle('Create')).toMatchObject({ Status: 'FAILED' });
    expect(aws.clock.time - start).toBeLessThan(30_000);
  });

  test('waits until AgentCore shows what was made, and fails clearly when it never does', async () => {
    aws.lag = 3_000;
    expect(await handle('Create')).toMatchObject({ Status: 'SUCCESS' });
    aws.lag = 10_000_000;
    expect(await handle('Create', { name: 'other' })).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/^AgentCore took the credential provider other, and does not show it/),
    });
  });

  test('of a copy hands the key over, and says which secret AgentCore keeps it in', async () => {
    aws.store('plain', key);
    const response = await handle('Create', { secret: 'plain', jsonKey: '', more: copied });
    expect(aws.providers.get('openai-provider')?.key).toEqual({ source: 'MANAGED', apiKey: key });
    expect(response.Data).toMatchObject({
      SecretArn: aws.secretArn('plain'),
      ApiKeySecretArn: aws.secretArn('bedrock-agentcore-identity!default/apikey/openai-provider'),
    });
  });

  test.each(['RetryableConflictException', 'ConcurrentModificationException'])('waits out a %s', async (name) => {
    aws.faults.set('createProvider', awsError(name, 'Retry the request.', 409));
    expect(await handle('Create')).toMatchObject({ Status: 'SUCCESS' });
    expect(aws.clock.slept).toHaveLength(1);
  });
});

describe('the words of AWS', () => {
  const saying = (name: string, words: string) => {
    const error = awsError(name, words);
    // It is not over soon.
    const refuse = () => Promise.reject(error);
    Object.assign(aws, { createProvider: refuse, updateProvider: refuse });
  };
  const leftOut = 'Its words are left out, as they may quote the key; ';
  const quoting: [string, string, string][] = [
    [
      'ValidationException',
      `Value '${key}' at 'apiKey' failed to satisfy constraint`,
      `AgentCore does not take the apiKey. ${leftOut}check the secret for characters that do not belong into a key.`,
    ],
    [
      'ValidationException',
      `Value '${key}' already exists`,
      `AgentCore does not take the apiKey. ${leftOut}check the secret for characters that do not belong into a key.`,
    ],
    [
      'ValidationException',
      `The number of tags exceeds the limit of 50, not of ${key}`,
      `AgentCore does not take the tags. ${leftOut}check the tags, of which there may be 50 with the ones that mark the owner.`,
    ],
    [
      'EncryptionFailure',
      `cannot encrypt '${key}'`,
      `AgentCore cannot use the KMS key of the secret or of the token vault. ${leftOut}check that the key is enabled, and that its policy allows it to the role of this deployment.`,
    ],
    ['ServiceException', `'${key}'`, `AgentCore has failed. ${leftOut}deploy again.`],
    [
      'ConcurrentModificationException',
      `'${key}'`,
      `AgentCore was changing the credential provider for somebody else. ${leftOut}deploy again.`,
    ],
    [
      'NobodyHasSeenThisException',
      `'${key}'`,
      `AgentCore does not write the credential provider. ${leftOut}check the secret, its JSON key, and the name and tags of the provider.`,
    ],
  ];
  const passedOn = [
    ['AccessDeniedException', 'User is not authorized to perform: bedrock-agentcore:SomeAction'],
    ['ThrottlingException', 'Rate exceeded'],
    ['ServiceQuotaExceededException', 'You have 50 credential providers.'],
    ['ResourceLimitExceededException', 'There are too many.'],
  ] as const;

  const more = copied;
  const update = () => handle('Update', { more: { ...copied, Tags: '{"team":"x"}' } }, { more });

  // At a create, "already exists" says that the name is taken, and is looked into.
  test.each(quoting.filter(([, words]) => !words.includes('already exists')))(
    'that quote the key are not passed on: at a create, %s %#',
    async (name, words, instead) => {
      saying(name, words);
      expect((await handle('Create', { more })).Reason).toBe(`${name}: ${instead}`);
    },
  );

  test.each(quoting)('that quote the key are not passed on: at an update, %s %#', async (name, words, instead) => {
    await handle('Create', { more });
    saying(name, words);
    expect((await update()).Reason).toBe(`${name}: ${instead}`);
  });

  test.each(quoting)('that quote the key are not passed on: at a refresh, %s %#', async (name, words, instead) => {
    await handle('Create', { more });
    saying(name, words);
    await expect(refresh()).rejects.toThrow(`${name}: ${instead}`);
  });

  test.each(passedOn)('are passed on where they are about no key: %s', async (name, words) => {
    await handle('Create', { more });
    saying(name, words);
    expect((await update()).Reason).toBe(`${name}: ${words}`);
  });

  test('are passed on where no key was handed over: too many tags', async () => {
    await handle('Create', { more });
    aws.faults.set('tag', awsError('ValidationException', 'The number of tags exceeds the limit of 50'));
    expect((await update()).Reason).toBe('ValidationException: The number of tags exceeds the limit of 50');
  });
});

describe("a stranger's provider whose tags may not be read", () => {
  const hidden = new Set<string>();

  beforeEach(async () => {
    hidden.clear();
    const tagsOf = aws.tagsOf.bind(aws);
    aws.tagsOf = async (arn) => {
      if (hidden.has(arn)) throw awsError('AccessDeniedException', 'an explicit deny in a service control policy', 403);
      return tagsOf(arn);
    };
    await handle('Create');
    aws.providers.set('stranger', {
      key: { source: 'EXTERNAL', secretArn: 'arn:theirs', jsonKey: 'theirs' },
      tags: {},
    });
    hidden.add(arnOf('stranger'));
  });

  test('is in the way of no delete', async () => {
    expect(await handle('Delete')).toMatchObject({ Status: 'SUCCESS' });
    expect([...aws.providers.keys()]).toEqual(['stranger']);
  });

  test('is in the way of no other name', async () => {
    expect(await handle('Update', { name: 'renamed' })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'renamed',
    });
    expect(await handle('Delete', { name: 'renamed' }, {}, { physicalId: 'renamed' })).toMatchObject({
      Status: 'SUCCESS',
    });
    expect([...aws.providers.keys()]).toEqual(['stranger']);
  });

  test('for a moment only, and that is ours after all, goes with the stack', async () => {
    await handle('Update', { name: 'renamed' });
    const tagsOf = aws.tagsOf.bind(aws);
    let denials = 0;
    aws.tagsOf = async (arn) => {
      if (arn === arnOf('openai-provider') && denials++ === 0) throw awsError('AccessDeniedException', 'Not yet', 403);
      return tagsOf(arn);
    };
    await handle('Delete', { name: 'renamed' }, {}, { physicalId: 'renamed' });
    expect([...aws.providers.keys()]).toEqual(['stranger']);
  });

  const denied = {
    Status: 'FAILED',
    Reason: 'AccessDeniedException: an explicit deny in a service control policy',
  };

  test.each(['Update', 'Delete'] as const)('that is the one of the %s is an error', async (requestType) => {
    const before = structuredClone(aws.providers);
    hidden.add(arnOf('openai-provider'));
    expect(await handle(requestType)).toMatchObject(denied);
    expect(aws.providers).toEqual(before);
  });

  test('that is the new one of an update is an error, not a wait for it to be listed', async () => {
    hidden.add(arnOf('renamed'));
    expect(await handle('Update', { name: 'renamed' })).toMatchObject(denied);
  });
});

describe('a provider that somebody has made by hand', () => {
  const theirs = { source: 'EXTERNAL' as const, secretArn: 'arn:theirs', jsonKey: 'theirs' };
  const adopting = { more: { AdoptExisting: 'true', Tags: '{"team":"x"}' } };

  beforeEach(() => {
    aws.providers.set('openai-provider', { key: theirs, tags: { theirs: 'yes' } });
  });

  test('is refused unless one says so', async () => {
    const { Reason } = await handle('Create');
    expect(Reason).toBe(
      'The credential provider openai-provider exists already and was made outside CloudFormation. Take it over with adoptExisting: true, or choose another credentialProviderName.',
    );
  });

  test('is adopted, and released as it was found when the resource is deleted', async () => {
    expect(await handle('Create', adopting)).toMatchObject({ Status: 'SUCCESS' });
    expect(aws.providers.get('openai-provider')?.tags).toMatchObject({ 'outbound-auth:adopted': 'true', team: 'x' });
    await handle('Delete', adopting);
    expect(aws.providers.get('openai-provider')?.tags).toEqual({ theirs: 'yes' });
  });

  test('is deleted with the resource where one says so', async () => {
    const deleting = { more: { ...adopting.more, OnDelete: 'Delete' } };
    await handle('Create', deleting);
    await handle('Delete', deleting);
    expect(aws.providers.size).toBe(0);
  });

  test('of another source is not adopted, and not touched', async () => {
    const before = structuredClone(aws.providers);
    const { Reason } = await handle('Create', { more: { ...adopting.more, ...copied } });
    expect(Reason).toMatch(/is EXTERNAL and cannot be switched in place to MANAGED: choose another/);
    expect(aws.providers).toEqual(before);
  });

  test.each(['ValidationException', 'ConflictException'] as const)(
    'between a look and the create is found by the %s',
    async (duplicatesAs) => {
      aws.providers.clear();
      aws.duplicatesAs = duplicatesAs;
      aws.trouble = {
        before: (call) => {
          if (call === 'createProvider') aws.providers.set('openai-provider', { key: theirs, tags: {} });
        },
      };
      const response = await handle('Create');
      expect(response.Reason).toMatch(/exists already and was made outside CloudFormation/);
      expect(aws.providers.get('openai-provider')).toEqual({ key: theirs, tags: {} });
    },
  );
});

describe('update', () => {
  beforeEach(() => handle('Create'));

  test('to another secret changes the provider in place', async () => {
    aws.store('other', JSON.stringify({ key }));
    const response = await handle('Update', { secret: 'other', jsonKey: 'key' });
    expect(response).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'openai-provider',
      Data: { SecretArn: aws.secretArn('other') },
    });
    expect(aws.providers.get('openai-provider')).toMatchObject({
      key: { secretArn: aws.secretArn('other'), jsonKey: 'key' },
    });
  });

  test('to another name makes a new provider, and retires the old one', async () => {
    const renamed = { name: 'renamed' };
    expect(await handle('Update', renamed)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'renamed' });
    await handle('Delete', {}, {}, { physicalId: 'openai-provider' });
    expect([...aws.providers.keys()]).toEqual(['openai-provider', 'renamed']);
    expect(aws.providers.get('openai-provider')?.tags).toHaveProperty('outbound-auth:retired', 'true');
  });

  test('to another name says which one was before, and which secret that has, so that open sessions may use it', async () => {
    aws.store('other', JSON.stringify({ apiKey: key }));
    const { Data } = await handle('Update', { name: 'renamed', secret: 'other' });
    expect(Data).toMatchObject({
      ApiKeySecretArn: aws.secretArn('other'),
      FormerCredentialProviderName: 'openai-provider',
      FormerApiKeySecretArn: aws.secretArn('openai'),
    });
  });

  test('twice before the agent has moved names the one that the agent uses', async () => {
    await inUse('openai-provider');
    await handle('Update', { name: 'second' });
    const { Data } = await handle('Update', { name: 'third' }, { name: 'second' }, { physicalId: 'second' });
    expect(Data?.FormerCredentialProviderName).toBe('openai-provider');
  });

  test('in place goes on saying so while the one before is there, and names itself when there is none', async () => {
    const former = async () =>
      (await handle('Update', { name: 'renamed' }, { name: 'renamed' }, { physicalId: 'renamed' })).Data
        ?.FormerCredentialProviderName;
    await handle('Update', { name: 'renamed' });
    expect(await former()).toBe('openai-provider');
    aws.providers.delete('openai-provider');
    expect(await former()).toBe('renamed');
  });

  test('back to the old name takes it out of retirement', async () => {
    await handle('Update', { name: 'renamed' });
    await handle('Delete', {}, {}, { physicalId: 'openai-provider' });
    await handle('Update', {}, { name: 'renamed' }, { physicalId: 'renamed' });
    expect(aws.providers.get('openai-provider')?.tags).not.toHaveProperty('outbound-auth:retired');
    expect(aws.providers.get('renamed')?.tags).toHaveProperty('outbound-auth:retired');
  });

  test('of the source under the same name is refused before anything changes', async () => {
    const before = structuredClone(aws.providers);
    const { Status, Reason } = await handle('Update', { more: copied });
    expect(Status).toBe('FAILED');
    expect(Reason).toBe(
      'The credential provider openai-provider is EXTERNAL and cannot be switched in place to MANAGED: choose another credentialProviderName, or leave it out.',
    );
    expect(aws.providers).toEqual(before);
  });

  test('of tags adds the new ones and removes those that are no longer asked for, and no others', async () => {
    await handle('Update', { more: { Tags: '{"a":"1","b":"1"}' } });
    Object.assign(aws.providers.get('openai-provider')?.tags ?? {}, { theirs: 'yes' });
    await handle('Update', { more: { Tags: '{"b":"2"}' } }, { more: { Tags: '{"a":"1","b":"1"}' } });
    const { a, b, theirs } = aws.providers.get('openai-provider')?.tags ?? {};
    expect({ a, b, theirs }).toEqual({ a: undefined, b: '2', theirs: 'yes' });
  });

  test('to a secret that cannot serve fails and leaves the provider as it was', async () => {
    expect(await handle('Update', { secret: 'missing' })).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: 'openai-provider',
    });
    expect(aws.providers.get('openai-provider')?.key).toMatchObject({ secretArn: aws.secretArn('openai') });
  });

  test('makes the provider anew when somebody has deleted it by hand', async () => {
    aws.providers.clear();
    expect(await handle('Update')).toMatchObject({ Status: 'SUCCESS' });
    expect(aws.providers.has('openai-provider')).toBe(true);
  });

  test('of a provider whose owner tags were changed is refused', async () => {
    const provider = aws.providers.get('openai-provider');
    if (provider) provider.tags = {};
    expect(await handle('Update')).toMatchObject({
      Status: 'FAILED',
      Reason:
        'The credential provider openai-provider no longer belongs to this stack: its owner tags were changed, and it was made outside CloudFormation. Take it back with adoptExisting: true, or choose another credentialProviderName.',
    });
  });
});

describe('delete', () => {
  test('removes what we own', async () => {
    await handle('Create');
    expect(await handle('Delete')).toMatchObject({ Status: 'SUCCESS' });
    expect(aws.providers.size).toBe(0);
  });

  test('of a provider that is gone already succeeds', async () => {
    expect(await handle('Delete')).toMatchObject({ Status: 'SUCCESS' });
  });

  test('leaves the provider of another stack alone', async () => {
    await handle('Create', {}, {}, { stack: 'arn:of-another-stack' });
    expect(await handle('Delete')).toMatchObject({ Status: 'SUCCESS' });
    expect(aws.providers.has('openai-provider')).toBe(true);
  });

  test('does not ask for the secret, which may be gone', async () => {
    await handle('Create');
    aws.secrets.clear();
    aws.calls.length = 0;
    await handle('Delete');
    expect(aws.calls).not.toContain('describeSecret');
    expect(aws.calls).not.toContain('readSecret');
  });
});

describe('a secret that cannot serve is refused before anything is created, saying what to do and never the value', () => {
  test.each<[string, Partial<FakeSecret> | undefined, RegExp]>([
    [
      'hidden by its policies, or missing: AWS answers the same',
      { denied: true },
      /^The secret openai does not exist in this account and Region, or its policies keep this deployment from reading it\. Create it: /,
    ],
    [
      'missing',
      undefined,
      /^The secret openai does not exist in this account and Region\. Create it: aws secretsmanager create-secret --name openai /,
    ],
    [
      'marked for deletion',
      { value: `{"apiKey":"${key}"}`, deleted: true },
      /^The secret openai is marked for deletion\. Restore it: aws secretsmanager restore-secret --secret-id openai$/,
    ],
    ['without a value', {}, /^The secret openai has no text value\. /],
    ['a plain string', { value: key }, /^The secret openai is not a JSON object\. /],
    ['a JSON list', { value: `["${key}"]` }, /^The secret openai is not a JSON object\. /],
    ['without the JSON key', { value: `{"other":"${key}"}` }, /^The secret openai has no JSON key "apiKey"\. /],
    [
      'with a key that is no string',
      { value: '{"apiKey":{}}' },
      /^The JSON key "apiKey" of the secret openai is not a string\. /,
    ],
    ['with an empty key', { value: '{"apiKey":""}' }, /^The JSON key "apiKey" of the secret openai is empty\. /],
    [
      'with a line end behind the key',
      { value: `{"apiKey":"${key}\\n"}` },
      /begins or ends with white space or a line end\. /,
    ],
    ['<YOUR_API_KEY>', { value: '{"apiKey":"<YOUR_API_KEY>"}' }, /is a placeholder, not a key\. /],
    ['changeme', { value: '{"apiKey":"changeme"}' }, /is a placeholder, not a key\. /],
    ['your-openai-key', { value: '{"apiKey":"your-openai-key"}' }, /is a placeholder, not a key\. /],
    ['sk-...', { value: '{"apiKey":"sk-..."}' }, /is a placeholder, not a key\. /],
    ['a variable', { value: '{"apiKey":"$OPENAI_API_KEY"}' }, /is a placeholder, not a key\. /],
    [
      'with a key in quotation marks',
      { value: JSON.stringify({ apiKey: `"${key}"` }) },
      /^The JSON key "apiKey" of the secret openai stands in quotation marks, which are not part of a key\. /,
    ],
  ])('%s', async (_, secret, reason) => {
    aws.secrets.delete('openai');
    if (secret) aws.secrets.set('openai', { version: 1, ...secret });
    const response = await handle('Create');
    expect(response).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'create-failed:openai-provider' });
    expect(response.Reason).toMatch(reason);
    expect(response.Reason).not.toContain('\n');
    expect(aws.providers.size).toBe(0);
  });

  test('a key that merely contains such a word is taken', async () => {
    aws.store('openai', '{"apiKey":"sk-proj-todo-changeme-4711"}');
    expect(await handle('Create')).toMatchObject({ Status: 'SUCCESS' });
  });
});

test('the words of a parser are not passed on: it quotes what it could not read', async () => {
  aws.faults.set('readSecret', Object.assign(new SyntaxError(`Unexpected token in "${key}"`), { $fault: 'server' }));
  expect(await handle('Create')).toMatchObject({ Status: 'FAILED', Reason: 'SyntaxError' });
});

test('the ResponseURL, which is a credential, is in no log line', async () => {
  await handle('Create');
  expect(log).toHaveLength(1);
  expect(log.join()).not.toContain('example.com');
});

describe('a plain secret that is to be copied', () => {
  test.each<[string, string, RegExp]>([
    [
      'with a line end',
      `${key}\n`,
      /^The secret plain begins or ends with white space or a line end\. Store the real key: /,
    ],
    ['that is a placeholder', 'changeme', /^The secret plain is a placeholder, not a key\. /],
    ['that is empty', ' ', /^The secret plain is empty\. /],
    ['that is a JSON list', `["${key}"]`, /^The secret plain is JSON, not a plain key\. /],
    ['that is a JSON string', `"${key}"`, /^The secret plain stands in quotation marks, /],
    [
      'that is an assignment',
      `apiKey=${key}`,
      /^The secret plain is an assignment of a variable, not only its value\. /,
    ],
    [
      'that is a JSON object after all',
      `{"apiKey":"${key}"}`,
      /^The secret plain is a JSON object, not a plain key\. /,
    ],
  ])('%s is refused', async (_, value, reason) => {
    aws.store('plain', value);
    const { Reason } = await handle('Create', { secret: 'plain', jsonKey: '', more: copied });
    expect(Reason).toMatch(reason);
    expect(aws.providers.size).toBe(0);
  });
});

describe('a secret given by ARN', () => {
  test('that is missing is to be created by its name', async () => {
    const secret = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:team/gone-AbCdEf';
    expect((await handle('Create', { secret })).Reason).toBe(
      `The secret ${secret} does not exist in this account and Region. Create it: aws secretsmanager create-secret --name team/gone --secret-string file://key.json, where key.json is {"apiKey": "YOUR KEY"}. AWS ends the new ARN with six other characters: then give the name in place of the ARN, or the new ARN.`,
    );
  });

  test('that is partial, and missing, is to be created by the name that it ends with', async () => {
    const secret = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:team/missing';
    expect((await handle('Create', { secret })).Reason).toMatch(
      / --name team\/missing --secret-string \S+, where \S+ is .*}$/,
    );
  });

  test('of another account, where it is not to be seen, is refused without a command for this account', async () => {
    const secret = 'arn:aws:secretsmanager:us-east-1:444455556666:secret:gone-AbCdEf';
    const { Reason } = await handle('Create', { secret });
    expect(Reason).toMatch(
      /^The secret arn:\S+ is in another account, and is not visible from 111122223333\. If it does not exist, create it with the credentials of 444455556666\. There, its resource policy must allow /,
    );
    expect(Reason).not.toContain('create-secret');
  });

  test('of another account, which does not let us in, is refused with the policies that it needs', async () => {
    const secret = 'arn:aws:secretsmanager:us-east-1:444455556666:secret:theirs-AbCdEf';
    aws.secrets.set('theirs', { version: 1, denied: true });
    expect((await handle('Create', { secret })).Reason).toMatch(
      /is in another account, and may not be read from 111122223333\. There, its resource policy must allow .*kms:Decrypt\.$/,
    );
  });

  test('of another Region is refused', async () => {
    const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:theirs-AbCdEf';
    expect((await handle('Create', { secret })).Reason).toMatch(/is in eu-west-1, and .* its own Region, us-east-1\. /);
  });
});

const refresh = (more: Record<string, string> = {}) =>
  runRefresh(
    {
      refresh: {
        CredentialProviderName: 'openai-provider',
        SecretSource: 'MANAGED',
        SecretId: 'openai',
        JsonKey: 'apiKey',
        OwnerStackId: stackId,
        OwnerLogicalId: 'Provider',
        ...more,
      },
    },
    surroundings(),
  );

describe('an event for which CloudFormation does not wait', () => {
  const theirs = { source: 'EXTERNAL' as const, secretArn: 'arn:of-theirs', jsonKey: 'k' };

  test.each(['ROLLBACK_COMPLETE', 'ROLLBACK_IN_PROGRESS', 'CREATE_COMPLETE', 'DELETE_COMPLETE'])(
    'a Create while the stack is %s, makes nothing',
    async (status) => {
      const { Status, Reason } = await handle('Create', {}, {}, { status });
      expect([Status, Reason]).toEqual(['FAILED', `The Create came too late: the stack is ${status}.`]);
      expect(aws.providers.size).toBe(0);
    },
  );

  test('an Update that is repeated after the rollback leaves the provider of now in its place', async () => {
    await handle('Create');
    const before = structuredClone(aws.providers);
    await handle('Update', { name: 'renamed' }, {}, { status: 'UPDATE_ROLLBACK_COMPLETE' });
    expect(aws.providers).toEqual(before);
  });

  test.each(['createProvider', 'tag'] as const)(
    '%s is not called once the deployment was cancelled',
    async (change) => {
      await handle('Create');
      const before = structuredClone(aws.providers);
      aws.trouble = {
        after: (call) => {
          // While it looks at the secret for another provider, or at the tags of the same.
          if (call === (change === 'tag' ? 'tagsOf' : 'readSecret')) aws.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
        },
      };
      const wish = change === 'tag' ? { more: { Tags: '{"a":"1"}' } } : { name: 'renamed' };
      const { Reason } = await handle('Update', wish);
      expect(Reason).toBe('CloudFormation waits for this no longer: the stack is UPDATE_ROLLBACK_IN_PROGRESS.');
      expect(aws.providers).toEqual(before);
    },
  );

  test('a create that is cancelled while it runs is removed by the delete, which waits for it', async () => {
    // It becomes visible some time after the delete has begun to look.
    aws.trouble = {
      before: async (call) => {
        if (call !== 'getProvider' || aws.clock.time < 20_000) return;
        aws.trouble = {};
        const tags = { 'outbound-auth:stack-id': stackId, 'outbound-auth:logical-id': 'Provider' };
        aws.providers.set('openai-provider', { key: theirs, tags });
      },
    };
    await handle('Delete', {}, {}, { physicalId: idOfCloudFormation, status: 'ROLLBACK_IN_PROGRESS' });
    expect(aws.providers.size).toBe(0);
  });

  test('a run that goes back lets the change finish that a cancelled run may have under way', async () => {
    await handle('Create');
    aws.clock.slept.length = 0;
    await handle('Update', {}, { more: { Tags: '{"a":"1"}' } }, { status: 'UPDATE_ROLLBACK_IN_PROGRESS' });
    expect(aws.clock.slept[0]).toBeGreaterThan(10_000);
  });

  test('a Create of which too little time is left to answer', async () => {
    aws.clock.time = Date.UTC(2026, 0, 1, 0, 9, 50);
    const event = {
      RequestType: 'Create',
      ResponseURL: 'https://example.com/?X-Amz-Date=20260101T000000Z',
      StackId: stackId,
      ServiceTimeout: '600',
      ResourceProperties: propertiesOf({}),
    } as unknown as CloudFormationCustomResourceEvent;
    expect(await run(event, surroundings())).toMatchObject({ Status: 'FAILED' });
    expect(aws.calls).toEqual([]);
  });
});

describe('a create that failed', () => {
  test('since AWS refused it is over at once: there is nothing to look for', async () => {
    aws.faults.set('createProvider', awsError('ServiceQuotaExceededException', 'Too many', 402));
    const begin = aws.clock.time;
    expect(await handle('Create')).toMatchObject({ PhysicalResourceId: 'create-failed:openai-provider' });
    await handle('Delete', {}, {}, { physicalId: 'create-failed:openai-provider', status: 'ROLLBACK_IN_PROGRESS' });
    expect(aws.clock.time - begin).toBeLessThan(1_000);
  });

  test('without an answer may have made something: the delete finds it, however long it is hidden', async () => {
    aws.lag = 100_000;
    aws.trouble = {
      after: (call) => {
        if (call === 'createProvider') aws.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
        if (call === 'createProvider') throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      },
    };
    const { PhysicalResourceId: physicalId = '' } = await handle('Create');
    aws.trouble = {};
    expect(physicalId).toBe('create-unseen:openai-provider');
    await handle('Delete', {}, {}, { physicalId, status: 'ROLLBACK_IN_PROGRESS' });
    expect(aws.providers.size).toBe(0);
  });

  test('after which a later try succeeded is not removed with what that has made', async () => {
    aws.trouble = {
      after: (call) => {
        if (call === 'createProvider') throw awsError('ServiceQuotaExceededException', 'Too many', 402);
      },
    };
    const { PhysicalResourceId: physicalId = '' } = await handle('Create');
    aws.trouble = {};
    await handle('Create');
    await handle('Delete', {}, {}, { physicalId });
    expect(aws.providers.size).toBe(1);
  });

  test('and is hidden for longer than it waits is removed all the same', async () => {
    aws.lag = 150_000;
    const { Status, PhysicalResourceId: physicalId = '' } = await handle('Create');
    expect([Status, physicalId]).toEqual(['FAILED', 'create-unseen:openai-provider']);
    await handle('Delete', {}, {}, { physicalId, status: 'ROLLBACK_IN_PROGRESS' });
    expect(aws.providers.size).toBe(0);
  });
});

describe('a stack that goes', () => {
  test('takes all providers with it that a failed update has left, whichever seemed to be replaced', async () => {
    await handle('Create');
    aws.faults.set('listProviders', awsError('ServiceQuotaExceededException', 'Too many', 402));
    expect((await handle('Update', { name: 'renamed' })).Status).toBe('FAILED');
    expect(aws.providers.size).toBe(2);
    await handle('Delete', {}, {}, { status: 'DELETE_IN_PROGRESS' });
    expect(aws.providers.size).toBe(0);
  });

  test('leaves what it had adopted when the deployment that adopted it goes back, whatever the removal policy', async () => {
    const theirs = { source: 'EXTERNAL' as const, secretArn: 'arn:of-theirs', jsonKey: 'k' };
    aws.providers.set('openai-provider', { key: theirs, tags: {} });
    const adopting = { more: { AdoptExisting: 'true', OnDelete: 'Delete' } };
    await handle('Create', adopting);
    await handle('Delete', adopting, {}, { status: 'ROLLBACK_IN_PROGRESS' });
    expect(aws.providers.get('openai-provider')?.tags).toEqual({});
  });
});

test('a rename back waits until the tags say so too: the delete that follows goes by them', async () => {
  await handle('Create');
  await handle('Update', { name: 'renamed' });
  await handle('Delete');
  const stale = { ...aws.providers.get('openai-provider')?.tags };
  const until = aws.clock.time + 4_000;
  const tagsOf = aws.tagsOf.bind(aws);
  aws.tagsOf = async (arn) => (aws.clock.time < until && arn.endsWith('openai-provider') ? stale : tagsOf(arn));
  await handle('Update', {}, { name: 'renamed' }, { physicalId: 'renamed' });
  await handle('Delete', { name: 'renamed' }, {}, { physicalId: 'renamed' });
  expect(aws.providers.get('openai-provider')?.tags).not.toHaveProperty('outbound-auth:retired');
});

describe('a replaced provider', () => {
  const hours = 3_600_000;
  const names = () => [...aws.providers.keys()];
  const pass = (milliseconds: number) => {
    aws.clock.time += milliseconds;
    return refresh({ CredentialProviderName: 'renamed', SecretSource: 'EXTERNAL' });
  };

  beforeEach(async () => {
    aws.clock.time = Date.UTC(2026, 10, 23);
    await handle('Create');
    await handle('Update', { name: 'renamed' });
    await handle('Delete', {}, {}, { physicalId: 'openai-provider' });
  });

  test('stays for as long as the agent has not moved', async () => {
    await inUse('openai-provider');
    await pass(100 * hours);
    expect(names()).toEqual(['openai-provider', 'renamed']);
  });

  test('stays for the eight hours that a session of before may live, and is removed after them', async () => {
    expect(await inUse('renamed')).toMatchObject({ Status: 'SUCCESS' });
    await pass(7.9 * hours);
    expect(names()).toEqual(['openai-provider', 'renamed']);
    await pass(0.2 * hours);
    expect(names()).toEqual(['renamed']);
  });

  test('stays when the agent goes back to it meanwhile', async () => {
    await inUse('renamed');
    await inUse('openai-provider');
    await pass(9 * hours);
    expect(names()).toEqual(['openai-provider', 'renamed']);
  });

  describe('that an endpoint stays on', () => {
    test('stays however long that lasts, though new sessions of the newest version use another', async () => {
      expect(await inUse('renamed', 'openai-provider')).toMatchObject({ Status: 'SUCCESS' });
      await pass(1000 * hours);
      expect(names()).toEqual(['openai-provider', 'renamed']);
    });

    test('is removed eight hours after the endpoint has moved too', async () => {
      await inUse('renamed', 'openai-provider');
      await pass(100 * hours);
      await inUse('renamed', 'renamed');
      await pass(7.9 * hours);
      expect(names()).toEqual(['openai-provider', 'renamed']);
      await pass(0.2 * hours);
      expect(names()).toEqual(['renamed']);
    });

    test('stays when the endpoint goes back to it meanwhile', async () => {
      await inUse('renamed', 'renamed');
      aws.clock.time += 5 * hours;
      await inUse('renamed', 'openai-provider');
      await pass(100 * hours);
      expect(names()).toEqual(['openai-provider', 'renamed']);
    });

    test('does not keep one that neither uses', async () => {
      await inUse('renamed', 'openai-provider');
      await handle('Update', { name: 'third' }, { name: 'renamed' }, { physicalId: 'renamed' });
      await handle('Delete', { name: 'renamed' }, {}, { physicalId: 'renamed' });
      await inUse('third', 'openai-provider');
      aws.clock.time += 9 * hours;
      await refresh({ CredentialProviderName: 'third', SecretSource: 'EXTERNAL' });
      expect(names()).toEqual(['openai-provider', 'third']);
    });

    test.each(['of-somebody-else', 'gone'])('and that is %s is not touched', async (name) => {
      aws.providers.set('of-somebody-else', { key: { source: 'MANAGED', apiKey: key }, tags: { theirs: 'yes' } });
      expect(await inUse('renamed', name)).toMatchObject({ Status: 'SUCCESS' });
      expect(aws.providers.get('of-somebody-else')?.tags).toEqual({ theirs: 'yes' });
    });

    test('and that the newest version uses as well counts as used by that', async () => {
      await inUse('renamed', 'renamed');
      expect(aws.providers.get('renamed')?.tags).toMatchObject({ 'outbound-auth:used-until': 'now' });
    });
  });

  test('is counted from when the agent has moved, however often it says so', async () => {
    await inUse('renamed');
    aws.clock.time += 5 * hours;
    await inUse('renamed');
    await pass(4 * hours);
    expect(names()).toEqual(['renamed']);
  });

  test('that a deployment takes back while others are looked at stays', async () => {
    await inUse('renamed');
    aws.clock.time += 9 * hours;
    let listed = false;
    aws.trouble = {
      after: (call) => {
        listed ||= call === 'listProviders';
        if (!listed || call !== 'tagsOf') return;
        // Its tags have just been read as they were before.
        aws.trouble = {};
        const tags: Record<string, string> = aws.providers.get('openai-provider')?.tags ?? {};
        for (const name of ['outbound-auth:retired', 'outbound-auth:used-until']) delete tags[name];
      },
    };
    await pass(0);
    expect(names()).toEqual(['openai-provider', 'renamed']);
  });

  test('goes with the stack at once', async () => {
    await handle('Delete', { name: 'renamed' }, {}, { physicalId: 'renamed' });
    expect(names()).toEqual([]);
  });

  test('is named in the log when it is removed', async () => {
    await inUse('renamed');
    log.length = 0;
    await pass(9 * hours);
    expect(log.join()).toContain('"removed":"openai-provider"');
  });
});

describe('a refresh', () => {
  const held = () => aws.providers.get('openai-provider')?.key;

  beforeEach(() => handle('Create', { more: copied }));

  test('hands the new key over', async () => {
    aws.store('openai', '{"apiKey":"sk-second"}');
    await refresh();
    expect(held()).toEqual({ source: 'MANAGED', apiKey: 'sk-second' });
  });

  test('that is overtaken by another change writes the newest key in the end', async () => {
    aws.trouble = {
      before: (call) => {
        if (call !== 'updateProvider') return;
        aws.trouble = {};
        aws.store('openai', '{"apiKey":"sk-third"}');
      },
    };
    aws.store('openai', '{"apiKey":"sk-second"}');
    await refresh();
    expect(held()).toEqual({ source: 'MANAGED', apiKey: 'sk-third' });
  });

  test('of a source that the provider no longer has writes nothing', async () => {
    aws.store('former', '{"apiKey":"sk-former"}');
    await refresh({ SecretId: 'former' });
    expect(held()).toEqual({ source: 'MANAGED', apiKey: key });
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      'no longer ours',
      () => aws.untag(arnOf('openai-provider'), ['outbound-auth:stack-id']),
      /no longer belongs to this/,
    ],
    ['gone', () => aws.providers.clear(), /is gone: somebody has deleted it\. Deploy with another/],
  ])('of a provider that is %s writes nothing and fails, so that the alarm tells it', async (_, happens, message) => {
    await happens();
    await expect(refresh()).rejects.toThrow(message);
    expect(aws.calls).not.toContain('updateProvider');
  });

  test('of a provider that was replaced is nothing to do', async () => {
    await handle('Update', { name: 'renamed', more: copied }, { more: copied });
    await refresh({ CredentialProviderName: 'gone-already' });
    expect(log.at(-1)).toContain('another provider has taken its place');
  });

  test('of a copy follows a secret that was deleted and made anew under its name', async () => {
    aws.secretArn = (name) => `arn:aws:secretsmanager:us-east-1:${account}:secret:${name}-AnewXY`;
    aws.store('openai', '{"apiKey":"sk-anew"}');
    await refresh();
    expect(held()).toEqual({ source: 'MANAGED', apiKey: 'sk-anew' });
  });

  test('of a reference to a secret that was made anew fails: no policy names its new ARN', async () => {
    await handle('Create', { name: 'reference' });
    const provider = aws.providers.get('reference');
    if (provider) provider.key = { source: 'EXTERNAL', secretArn: aws.secretArn('before'), jsonKey: 'apiKey' };
    await expect(refresh({ CredentialProviderName: 'reference', SecretSource: 'EXTERNAL' })).rejects.toThrow(
      'The secret openai was deleted and made anew, so that its ARN is another one. Deploy with another credentialProviderName.',
    );
  });

  test('waits until a deployment of the stack is over', async () => {
    aws.status = 'UPDATE_IN_PROGRESS';
    aws.trouble = {
      before: () => {
        if (aws.clock.time > 30_000) aws.status = 'UPDATE_COMPLETE';
        else expect(aws.calls).not.toContain('updateProvider');
      },
    };
    aws.clock.time = 0;
    aws.calls.length = 0;
    await refresh();
    expect(aws.calls).toContain('updateProvider');
  });

  test('of a stack that is gone does nothing', async () => {
    aws.status = 'DELETE_COMPLETE';
    await refresh();
    expect(aws.calls).not.toContain('updateProvider');
  });

  test('that fails is thrown, without the value, so that Lambda tries again', async () => {
    aws.store('openai', 'no longer JSON');
    await expect(refresh()).rejects.toThrow(
      /^The credential provider openai-provider was not refreshed: The secret openai is not a JSON object\. /,
    );
  });
});

test('an event that CloudFormation no longer waits for changes nothing', async () => {
  aws.clock.time = Date.UTC(2026, 0, 1, 1);
  const event = {
    RequestType: 'Create',
    ResponseURL: 'https://example.com/?X-Amz-Date=20260101T005000Z',
    ResourceType: 'Custom::ApiKeyCredentialProvider',
    StackId: stackId,
    LogicalResourceId: 'Provider',
    ResourceProperties: { ...propertiesOf({}), ServiceTimeout: '300' },
  } as unknown as CloudFormationCustomResourceEvent;
  expect(await run(event, surroundings())).toMatchObject({ Status: 'FAILED' });
  expect(aws.calls).toEqual([]);
});
