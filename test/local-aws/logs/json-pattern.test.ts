import { compileFilterPattern } from '../../../local-aws/logs/filter-pattern.ts';

const event = {
  level: 'warn',
  message: 'invocation failed',
  code: 'ModelKeyRefused',
  durationMs: 250,
  retry: true,
  user: null,
  usage: { tokens: [10, 20] },
};

test.each([
  ['{ $.code = "ModelKeyRefused" }', true],
  ['{ $.code = ModelKeyRefused }', true],
  ['{ $.code = "modelkeyrefused" }', false],
  ['{ $.code = "Model*" }', true],
  ['{ $.code = "*Refused" }', true],
  ['{ $.code = "Mode.Key*" }', false],
  ['{ $.code != "Model*" }', false],
  ['{ $.code != "Other" }', true],
  ['{ $.missing != "Other" }', false],
  ['{ $.message = "invocation failed" }', true],
  ['{ $.durationMs = 250 }', true],
  ['{ $.durationMs >= 250 && $.durationMs < 251 }', true],
  ['{ $.durationMs > 250 || $.durationMs <= 249 }', false],
  ['{ $.durationMs = "250" }', false],
  ['{ $.durationMs = * }', true],
  ['{ $.code = * }', true],
  ['{ $.missing = * }', false],
  ['{ $.retry = * }', false],
  ['{ $.missing NOT EXISTS }', true],
  ['{ $.code EXISTS }', true],
  ['{ $.retry IS TRUE }', true],
  ['{ $.retry IS FALSE }', false],
  ['{ $.user IS NULL }', true],
  ['{ $.usage.tokens[1] = 20 }', true],
  ['{ $.usage.tokens[1].more = 20 }', false],
  // && binds closer than ||, and brackets closer than either.
  ['{ $.level = "warn" || $.level = "error" && $.code = "Other" }', true],
  ['{ ($.level = "warn" || $.level = "error") && $.code = "Other" }', false],
  ['{($.level="warn")&&($.code="Model*")}', true],
])('%s: %s', (pattern, expected) => {
  expect(compileFilterPattern(pattern)(JSON.stringify(event))).toBe(expected);
});

test.each(['plain words', '', '"a text"', '12', '{"code":', 'null'])(
  '%j is no JSON object, and matches nothing',
  (line) => {
    expect(compileFilterPattern('{ $.code NOT EXISTS }')(line)).toBe(false);
  },
);

test('a property that every object has is not there', () => {
  expect(compileFilterPattern('{ $.constructor EXISTS }')(JSON.stringify(event))).toBe(false);
});

test.each([
  '{ $.code }',
  '{ $.code = }',
  '{ code = "a" }',
  '{ $.code = "a"',
  '{ $.code = "a" } more',
  '{ $.code ~ "a" }',
  '{ $.code > "a" }',
  '{ ($.code = "a" }',
  '{ $.code IS MAYBE }',
  '{ $.code = "a }',
  '{}',
])('%s is refused', (pattern) => {
  expect(() => compileFilterPattern(pattern)).toThrow(/^Invalid /);
});

test('a regular expression is refused by name', () => {
  expect(() => compileFilterPattern('{ $.code = %Model.*% }')).toThrow(
    'local-aws does not support regular expressions in the filter pattern',
  );
});
