import { cutsOf, narrowings, partAt, redraws } from './wildcards.ts';

const [cut] = cutsOf('secret:openai-??????');

test('a pattern is cut at each run of wildcards', () => {
  expect(cutsOf('a-*:stream:*')).toEqual([
    { head: 'a-', wildcard: '*', tail: ':stream:*' },
    { head: 'a-*:stream:', wildcard: '*', tail: '' },
  ]);
  expect(cutsOf('no wildcard')).toEqual([]);
});

test('what a run stands for is read from a value that the pattern matches, and from no other', () => {
  expect(cut && partAt(cut, 'secret:openai-AbCdEf')).toBe('AbCdEf');
  expect(cut && partAt(cut, 'secret:openai-2-AbCdEf')).toBeUndefined();
});

test('a run is narrowed to each part, and to each first and last character of one', () => {
  const [star] = cutsOf('a-*');
  expect(star && narrowings(star, ['xy', 'xz']).map(({ replacement }) => replacement)).toEqual([
    'xy',
    'xz',
    'x*',
    '*y',
    '*z',
  ]);
  expect(cut && narrowings(cut, ['AbCdEf']).map(({ replacement }) => replacement)).toEqual([
    'AbCdEf',
    'A?????',
    '?????f',
  ]);
});

test('a call on everything is an example of nothing narrower', () => {
  const [star] = cutsOf('a-*');
  expect(star && narrowings(star, ['*'])).toEqual([]);
});

test('what AWS draws is drawn anew, so that no two draws begin or end alike', () => {
  const drawn = redraws('arn:aws:secretsmanager:us-east-1:111122223333:secret:openai-AbCdEf');
  expect(drawn).toHaveLength(2);
  expect(new Set(drawn.map((each) => each.at(-1))).size).toBe(2);
  expect(redraws('arn:aws:sqs:us-east-1:111122223333:queue')).toEqual([]);
});
