import fc from 'fast-check';
import { problemOfApiKey } from '../../../lib/credential-provider/api-key.ts';

describe('what cannot be an API key', () => {
  test.each([
    ['changeme'],
    ['CHANGE_ME'],
    ['replace-me'],
    ['<YOUR_API_KEY>'],
    ['[YOUR KEY]'],
    ['{{apiKey}}'],
    ['${OPENAI_API_KEY}'],
    ['$(cat key.txt)'],
    ['$OPENAI_API_KEY'],
    ['%OPENAI_API_KEY%'],
    ['OPENAI_API_KEY'],
    ['OPENAI_API_KEY='],
    ['AZURE_OPENAI_GPT4_KEY'],
    ['my-api-key'],
    ['your-openai-key'],
    ['your_company_key_of_production'],
    ['sk-your-key-here'],
    ['REPLACE_WITH_YOUR_KEY'],
    ['INSERT_API_KEY_HERE'],
    ['YOUR KEY'],
    ['sk-...'],
    ['sk-proj-…'],
    ['sk-proj-abcd...wxyz'],
    ['sk-xxxxxxxxxxxx'],
    ['sk-proj-xxxx'],
    ['sk_live_XXXXXXXX'],
    ['sk-proj-********4711'],
    ['*'],
    ['null'],
    ['TODO'],
  ])('%s is a placeholder', (text) => {
    expect(problemOfApiKey(text)).toBe('is a placeholder, not a key');
  });

  test.each([
    ['nothing', '', 'is empty'],
    ['white space', ' \n', 'is empty'],
    ['a line end behind it', 'sk-one\r\n', 'begins or ends with white space or a line end'],
    ['a space before it', ' sk-one', 'begins or ends with white space or a line end'],
    ['two lines', 'sk-one\nsk-two', 'has white space or a line end in it'],
    ['a space in it', 'sk-one two', 'has white space or a line end in it'],
    ['a no-break space in it', 'sk-one\u00a0two', 'has white space or a line end in it'],
    ['a zero-width space', 'sk-one\u200b', 'has an invisible character in it'],
    ['a byte order mark', '\ufeffsk-one', 'has an invisible character in it'],
    ['a NUL', 'sk-one\u0000', 'has an invisible character in it'],
    ['half of a surrogate pair', 'sk-one\ud83d', 'has an invisible character in it'],
    ['letters of a language', 'sk-äöü', 'has a character in it that is not ASCII'],
    ['a long dash', 'sk–one', 'has a character in it that is not ASCII'],
    ['an emoji', 'sk-one🔑', 'has a character in it that is not ASCII'],
    ['quotation marks', '"sk-one"', 'stands in quotation marks'],
    ['single ones', "'sk-one'", 'stands in quotation marks'],
    ['backticks', '`sk-one`', 'stands in quotation marks'],
    ['typographic ones', '“sk-one”', 'stands in quotation marks'],
    ['German ones', '„sk-one“', 'stands in quotation marks'],
    ['the scheme of the header', 'Bearer sk-one', 'begins with Bearer'],
    ['a JSON list', '["sk-one"]', 'is JSON'],
    ['a JSON object', '{"apiKey": "sk-one"}', 'is JSON'],
    ['an assignment', 'OPENAI_API_KEY=sk-one', 'is an assignment of a variable'],
    ['one of a shell', 'export OPENAI_API_KEY=sk-one', 'is an assignment of a variable'],
    ['one with quotation marks', 'OPENAI_API_KEY="sk-one"', 'is an assignment of a variable'],
    ['one of a program', 'apiKey = sk-one', 'is an assignment of a variable'],
  ])('%s', (_, text, problem) => {
    expect(problemOfApiKey(text)).toContain(problem);
    expect(problemOfApiKey(text)).not.toContain('sk-');
  });

  test('one of the 65,536 characters that a secret can have, and as much trouble as it can make, is found at once', () => {
    const began = performance.now();
    for (const piece of ['key', 'x', 'x-', '_K', 'a_', '= ', '*.', '[']) {
      problemOfApiKey(`${piece.repeat(65_536 / piece.length)}!`);
    }
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe('an API key is taken', () => {
  const alphanumeric = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];
  const of = (characters: readonly string[], minLength: number, maxLength = minLength) =>
    fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });
  const shapes = {
    'sk-…, the first one of OpenAI': of(alphanumeric, 48).map((rest) => `sk-${rest}`),
    'sk-proj-… and the like': fc
      .tuple(
        fc.constantFrom('proj', 'svcacct', 'admin', 'ant-api03', 'or-v1'),
        of([...alphanumeric, '-', '_'], 40, 164),
      )
      .map(([kind, rest]) => `sk-${kind}-${rest}`),
    '32 hexadecimal digits, as of Azure': of([...'0123456789abcdef'], 32),
    '84 characters, as of Azure': of(alphanumeric, 84),
    'Base64 with what fills it up': fc
      .uint8Array({ minLength: 16, maxLength: 64 })
      .map((bytes) => Buffer.from(bytes).toString('base64')),
    'a JSON Web Token': fc
      .tuple(of([...alphanumeric, '-', '_'], 20), of([...alphanumeric, '-', '_'], 60), of(alphanumeric, 43))
      .map((parts) => parts.join('.')),
  };

  test.each(Object.entries(shapes))('%s', (_, keys) => {
    fc.assert(
      fc.property(keys, (key) => problemOfApiKey(key) === undefined),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['sk-proj-todo-changeme-4711'],
    ['sk-one'],
    ['12345678901234567890123456789012'],
    ['QUJDREVG=='],
    ['APIKEY0123456789abcdef='],
    ['fal-id:secret-0123'],
    ['ollama'],
  ])('%s, which only reminds of something else', (key) => {
    expect(problemOfApiKey(key)).toBeUndefined();
  });
});
