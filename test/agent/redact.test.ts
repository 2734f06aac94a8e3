import { redact } from '../../agent/src/redact.ts';

const key = 'sk-proj-AbC123dEf456GhI789jKl012MnO345pQr678';
const azureKey = '0123456789abcdef0123456789abcdef';

/** Whether eight characters of the key in a row, or their base64, are left. */
function leaks(text: string, secret: string): boolean {
  return Array.from({ length: secret.length - 7 }, (_, at) => secret.slice(at, at + 8)).some((part) =>
    text.includes(part),
  );
}

describe('a key in a text from elsewhere is taken out', () => {
  test.each([
    ['alone', key, key],
    ['of Azure', `Access denied for ${azureKey}.`, azureKey],
    ['of another provider', 'gsk_AbC123dEf456GhI789 is invalid', 'gsk_AbC123dEf456GhI789'],
    ['in a sentence', `Incorrect API key provided: ${key}. You can find …`, key],
    ['in a header', `authorization: Bearer ${key}`, key],
    ['in JSON', JSON.stringify({ error: { api_key: key } }), key],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ key })), key],
    ['in a URL', `https://model.example/v1?api-key=${azureKey}&x=1`, azureKey],
    ['URL-encoded', `key=${key.replaceAll('-', '%2D')}`, key],
    ['in base64', Buffer.from(key).toString('base64'), Buffer.from(key).toString('base64')],
    ['in base64, shifted', Buffer.from(`x${key}`).toString('base64'), Buffer.from(`x${key}`).toString('base64')],
    [
      'in base64url',
      Buffer.from(`{"k":"${key}"}`).toString('base64url'),
      Buffer.from(`"${key}"`).toString('base64url'),
    ],
    ['in hex', Buffer.from(key).toString('hex'), Buffer.from(key).toString('hex')],
    ['in two pieces', `${key.slice(0, 22)} ${key.slice(22)}`, key],
    ['on two lines', `${key.slice(0, 22)}\n${key.slice(22)}`, key],
    ['at the very end of what is read', `${'word '.repeat(598)}${key}`, key],
    ['a token', `The token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl expired`, 'eyJhbGciOiJIUzI1NiJ9'],
  ])('%s', (_how, text, secret) => {
    expect(leaks(redact(text), secret)).toBe(false);
  });

  test.each(['sk-abc***xyz', 'sk-abc...xyz', 'sk-abc…xyz', 'sk-abc•••xyz', 'abcd****wxyz', 'abcd****', 'sk_abc***xyz'])(
    'masked: of %s not even the ends are left',
    (masked) =>
      expect(redact(`Incorrect API key provided: ${masked}.`)).toMatch(/^Incorrect API key provided: \[redacted\]\.?$/),
  );
});

describe('what helps a person is left', () => {
  test.each([
    'User: arn:aws:sts::123456789012:assumed-role/dev-ExecutionRole605A040B-AbCdEf123456/session is not authorized to perform: bedrock-agentcore:GetResourceApiKey on resource: arn:aws:bedrock-agentcore:us-west-2:123456789012:token-vault/default',
    'connect ECONNREFUSED 127.0.0.1:4566',
    "Cannot read properties of undefined (reading 'length')",
    'The weather service answered 503.',
    'loading... done',
  ])('%s', (text) => expect(redact(text)).toBe(text));
});

describe('the result', () => {
  test('is one line of at most 1,000 characters', () => {
    expect(redact(`one\r\ntwo\u2028three ${'word '.repeat(1000)}`)).toMatch(/^one two three .{1,990}$/);
  });

  test.each(['a', 'a-', 'a1', '*', 'sk-', '_', '.', 'arn:aws:', 'token:', 'eyJ.', 'a*', ' '])(
    'is there at once for a megabyte of "%s"',
    (part) => {
      const text = part.repeat(1_000_000 / part.length);
      const startedAt = performance.now();
      redact(text);
      expect(performance.now() - startedAt).toBeLessThan(100);
    },
  );
});
