import { checkEventPattern, type EventPattern, matchesEventPattern } from '../../../local-aws/events/event-pattern.ts';

const event = {
  source: 'aws.secretsmanager',
  resources: ['arn:one', 'arn:two'],
  detail: {
    eventName: 'PutSecretValue',
    count: 3,
    flag: true,
    nothing: null,
    requestParameters: { secretId: 'team/openai', stages: ['AWSCURRENT', 'own'] },
    list: [
      { name: 'a', size: 1 },
      { name: 'b', size: 2 },
    ],
  },
};

describe('an event pattern', () => {
  const detail = (pattern: object) => ({ detail: pattern }) as unknown as EventPattern;
  const secretId = (...matchers: unknown[]) => detail({ requestParameters: { secretId: matchers } });

  test.each<[string, EventPattern, boolean]>([
    ['one of several values', { source: ['aws.s3', 'aws.secretsmanager'] }, true],
    ['another value', { source: ['aws.s3'] }, false],
    ['all of its fields', { source: ['aws.secretsmanager'], resources: ['arn:three'] }, false],
    ['one element of a list', { resources: ['arn:two'] }, true],
    ['a field that is not there', { nowhere: ['x'] }, false],
    ['a nested field below a field that is not there', { nowhere: { x: ['y'] } }, false],
    ['a number', detail({ count: [3] }), true],
    ['a number that is a text', detail({ count: ['3'] }), false],
    ['true', detail({ flag: [true] }), true],
    ['null', detail({ nothing: [null] }), true],
    ['null where there is nothing', detail({ nowhere: [null] }), false],
    ['an object of a list', detail({ list: { name: ['b'], size: [2] } }), true],
    ['two fields of two objects of a list', detail({ list: { name: ['a'], size: [2] } }), false],
    ['prefix', secretId({ prefix: 'team/' }), true],
    ['another prefix', secretId({ prefix: 'openai' }), false],
    ['prefix without case', secretId({ prefix: { 'equals-ignore-case': 'TEAM/' } }), true],
    ['suffix', secretId({ suffix: '/openai' }), true],
    ['another suffix', secretId({ suffix: 'team' }), false],
    ['equals-ignore-case', secretId({ 'equals-ignore-case': 'Team/OpenAI' }), true],
    ['wildcard', secretId({ wildcard: 't*m/*' }), true],
    ['a wildcard whose dot is a dot', secretId({ wildcard: 'team.*' }), false],
    ['a wildcard whose "?" is no wildcard', secretId({ wildcard: 'team?*' }), false],
    ['anything-but another value', secretId({ 'anything-but': 'x' }), true],
    ['anything-but this value', secretId({ 'anything-but': ['x', 'team/openai'] }), false],
    ['anything-but a prefix', secretId({ 'anything-but': { prefix: ['x', 'team'] } }), false],
    ['anything-but where there is nothing', detail({ nowhere: [{ 'anything-but': 'x' }] }), false],
    ['exists', detail({ eventName: [{ exists: true }] }), true],
    ['exists not', detail({ errorCode: [{ exists: false }] }), true],
    ['exists not, although it does', detail({ eventName: [{ exists: false }] }), false],
    ['an object does not exist: only leaves do', detail({ requestParameters: [{ exists: true }] }), false],
    ['one matcher of several', secretId({ prefix: 'x' }, 'team/openai'), true],
    ['$or', { $or: [{ source: ['aws.s3'] }, detail({ count: [3] })] } as EventPattern, true],
    ['$or without any that matches', { $or: [{ source: ['aws.s3'] }, detail({ count: [4] })] } as EventPattern, false],
    ['$or beside a field', { source: ['aws.s3'], $or: [detail({ count: [3] }), detail({ count: [4] })] }, false],
  ])('%s', (_title, pattern, expected) => {
    checkEventPattern(pattern);
    expect(matchesEventPattern(pattern, event)).toBe(expected);
  });

  test.each<[string, unknown, string]>([
    ['numeric', { a: [{ numeric: ['>', 1] }] }, 'local-aws does not support the matcher "numeric"'],
    ['cidr', { a: [{ cidr: '10.0.0.0/8' }] }, 'local-aws does not support the matcher "cidr"'],
    ['anything-but numeric', { a: [{ 'anything-but': { numeric: ['>', 1] } }] }, '"anything-but" with "numeric"'],
    ['a value that is not in a list', { a: 'b' }, '"a" must be an object or an array'],
    ['an empty list', { a: [] }, 'Empty arrays are not allowed ("a")'],
    ['an empty pattern', {}, 'at least one field'],
    ['a pattern that is no object', undefined, 'at least one field'],
    ['$or of one', { $or: [{ a: ['b'] }] }, '"$or" must be a list of at least two patterns'],
    ['two operators at once', { a: [{ prefix: 'a', suffix: 'b' }] }, 'not one value or one operator'],
    ['exists with a text', { a: [{ exists: 'true' }] }, '"exists" of "a" must be true or false'],
    ['prefix with a number', { a: [{ prefix: 1 }] }, '"prefix" of "a" must be a string'],
  ])('is refused, and why is said: %s', (_title, pattern, message) => {
    expect(() => checkEventPattern(pattern)).toThrow(message);
  });
});
