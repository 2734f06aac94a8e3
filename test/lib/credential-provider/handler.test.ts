import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { nothingCreated, run } from '../../../lib/credential-provider/handler/run.ts';
import { FakeAws } from './fake-aws.ts';

const key = 'sk-canary-5f8e2b71c9d04a36';
const stackId = 'arn:aws:cloudformation:us-east-1:111122223333:stack/outbound-auth-dev-identity/1';

let aws: FakeAws;
let log: string[];

beforeEach(() => {
  aws = new FakeAws();
  aws.secrets.set('openai', { value: JSON.stringify({ apiKey: key }) });
  log = [];
});

afterEach(() => {
  expect(log.join('\n')).not.toContain(key);
});

async function handle(
  requestType: 'Create' | 'Update' | 'Delete',
  properties: { name?: string; secret?: string; jsonKey?: string } = {},
  { physicalId = 'openai-provider', stack = stackId } = {},
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
    ResourceProperties: {
      ServiceToken: 'arn:aws:lambda:us-east-1:111122223333:function:handler',
      CredentialProviderName: properties.name ?? 'openai-provider',
      SecretId: properties.secret ?? 'openai',
      JsonKey: properties.jsonKey ?? 'apiKey',
    },
  } as CloudFormationCustomResourceEvent;
  const response = await run(event, aws, (entry) => log.push(JSON.stringify(entry)));
  expect(JSON.stringify(response)).not.toContain(key);
  return response;
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
      secretArn: aws.secretArn('openai'),
      jsonKey: 'apiKey',
      tags: { 'outbound-auth:stack-id': stackId, 'outbound-auth:logical-id': 'Provider' },
    });
  });

  test('repeated after a lost answer, succeeds with the one that it made', async () => {
    await handle('Create');
    expect(await handle('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'openai-provider' });
    expect(aws.calls.filter((call) => call === 'createProvider')).toHaveLength(1);
  });

  test('over the provider of another stack is refused, says whose it is, and leaves it as it is', async () => {
    await handle('Create', {}, { stack: 'arn:of-another-stack' });
    const before = structuredClone(aws.providers.get('openai-provider'));
    const response = await handle('Create');
    expect(response).toMatchObject({ Status: 'FAILED', PhysicalResourceId: nothingCreated });
    expect(response.Reason).toBe(
      'The credential provider openai-provider exists already and belongs to the stack arn:of-another-stack. Choose another credentialProviderName, or delete it there.',
    );
    expect(aws.providers.get('openai-provider')).toEqual(before);
  });

  test('that was refused is followed by a delete, which touches nothing', async () => {
    await handle('Create', {}, { stack: 'arn:of-another-stack' });
    const { PhysicalResourceId } = await handle('Create');
    aws.calls.length = 0;
    expect(await handle('Delete', {}, { physicalId: PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS' });
    expect(aws.calls).toEqual([]);
  });

  test('that fails in the middle is followed by a delete, which removes what was made', async () => {
    aws.faults.set(
      'createProvider',
      Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException', $fault: 'client' }),
    );
    const response = await handle('Create');
    expect(response).toMatchObject({
      Status: 'FAILED',
      Reason: 'ThrottlingException: Rate exceeded',
      PhysicalResourceId: 'openai-provider',
    });
    await handle('Create');
    await handle('Delete', {}, { physicalId: response.PhysicalResourceId });
    expect(aws.providers.size).toBe(0);
  });
});

describe('update', () => {
  beforeEach(() => handle('Create'));

  test('to another secret changes the provider in place', async () => {
    aws.secrets.set('other', { value: JSON.stringify({ key }) });
    const response = await handle('Update', { secret: 'other', jsonKey: 'key' });
    expect(response).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'openai-provider',
      Data: { SecretArn: aws.secretArn('other') },
    });
    expect(aws.providers.get('openai-provider')).toMatchObject({ secretArn: aws.secretArn('other'), jsonKey: 'key' });
  });

  test('to another name makes a new provider and leaves the old one to the delete that follows', async () => {
    expect(await handle('Update', { name: 'renamed' })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'renamed',
    });
    expect([...aws.providers.keys()]).toEqual(['openai-provider', 'renamed']);
    await handle('Delete', {}, { physicalId: 'openai-provider' });
    expect([...aws.providers.keys()]).toEqual(['renamed']);
  });

  test('to a secret that cannot serve fails and leaves the provider as it was', async () => {
    expect(await handle('Update', { secret: 'missing' })).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: 'openai-provider',
    });
    expect(aws.providers.get('openai-provider')?.secretArn).toBe(aws.secretArn('openai'));
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
      Reason: 'The credential provider openai-provider no longer belongs to this stack: its owner tags were changed.',
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
    await handle('Create', {}, { stack: 'arn:of-another-stack' });
    expect(await handle('Delete')).toMatchObject({ Status: 'SUCCESS' });
    expect(aws.providers.has('openai-provider')).toBe(true);
  });

  test('does not ask for the secret, which may be gone', async () => {
    await handle('Create');
    aws.secrets.clear();
    aws.calls.length = 0;
    await handle('Delete');
    expect(aws.calls).toEqual(['getProvider', 'tagsOf', 'deleteProvider']);
  });
});

describe('a secret that cannot serve is refused before anything is created, saying what to do and never the value', () => {
  test.each<[string, { value?: string; deleted?: boolean } | 'access denied' | undefined, RegExp]>([
    [
      'hidden by its policies, or missing: AWS answers the same',
      'access denied',
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
  ])('%s', async (_, secret, reason) => {
    aws.secrets.delete('openai');
    if (secret) aws.secrets.set('openai', secret);
    const response = await handle('Create');
    expect(response).toMatchObject({ Status: 'FAILED', PhysicalResourceId: nothingCreated });
    expect(response.Reason).toMatch(reason);
    expect(response.Reason).not.toContain('\n');
    expect(aws.providers.size).toBe(0);
  });

  test('a key that merely contains such a word is taken', async () => {
    aws.secrets.set('openai', { value: '{"apiKey":"sk-proj-todo-changeme-4711"}' });
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
