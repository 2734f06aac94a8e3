import type { BusEvent } from '../../../local-aws/events/bus-event.ts';
import { checkTargetInput, type TargetInput, targetInput } from '../../../local-aws/events/target-input.ts';

const event: BusEvent = {
  version: '0',
  id: 'e-1',
  'detail-type': 'AWS API Call via CloudTrail',
  source: 'aws.secretsmanager',
  account: '111122223333',
  time: '2026-11-23T20:15:07Z',
  region: 'eu-west-1',
  resources: [],
  detail: { eventName: 'PutSecretValue', quote: 'say "hi"', count: 3, inner: { a: ['x', { b: 1 }] } },
};
const rule = { name: 'rule-1', arn: 'arn:aws:events:eu-west-1:111122223333:rule/rule-1' };
const inputOf = (input: TargetInput) => {
  checkTargetInput('t', input);
  return targetInput(input, event, rule);
};
const transformed = (template: string, paths: Record<string, string> = {}) =>
  inputOf({ InputTransformer: { InputPathsMap: paths, InputTemplate: template } });

describe('what a target is called with', () => {
  test('is the event where nothing else is said', () => {
    expect(inputOf({})).toEqual(event);
  });

  test('is a constant, or a part of the event', () => {
    expect(inputOf({ Input: '{"a":1}' })).toEqual({ a: 1 });
    expect(inputOf({ InputPath: '$.detail.inner.a[1]' })).toEqual({ b: 1 });
  });

  test.each<[string, string, Record<string, string>, unknown]>([
    ['a text that stands alone gets its quotes', '{"n":<n>}', { n: '$.detail.eventName' }, { n: 'PutSecretValue' }],
    ['a text in quotes is put between them', '{"n":"<n>!"}', { n: '$.detail.eventName' }, { n: 'PutSecretValue!' }],
    ['a number stays one', '{"n":<n>}', { n: '$.detail.count' }, { n: 3 }],
    ['a number in quotes becomes a text', '{"n":"<n>"}', { n: '$.detail.count' }, { n: '3' }],
    ['an object is put whole', '{"n":<n>}', { n: '$.detail.inner' }, { n: { a: ['x', { b: 1 }] } }],
    ['an object in quotes is its JSON', '{"n":"<n>"}', { n: '$.detail.inner' }, { n: '{"a":["x",{"b":1}]}' }],
    ['quotes in a text end nothing', '{"n":"<n>","m":<n>}', { n: '$.detail.quote' }, { n: 'say "hi"', m: 'say "hi"' }],
    ['what is not there is an empty text', '{"n":<n>,"m":"<n>"}', { n: '$.detail.no' }, { n: '', m: '' }],
    ['the template may be a text', '"at <t>"', { t: '$.time' }, 'at 2026-11-23T20:15:07Z'],
    ['escaped quotes do not end a text', '{"n":"\\"<n>\\""}', { n: '$.detail.count' }, { n: '"3"' }],
    ['a name with a hyphen', '{"n":<detail-type>}', { 'detail-type': '$.detail-type' }, { n: event['detail-type'] }],
    ['the rule', '[<aws.events.rule-name>,"<aws.events.rule-arn>"]', {}, [rule.name, rule.arn]],
    ['the whole event', '{"e":<aws.events.event.json>}', {}, { e: event }],
  ])('a template: %s', (_title, template, paths, expected) => {
    expect(transformed(template, paths)).toEqual(expected);
  });

  test.each<[string, TargetInput, string]>([
    ['two of them', { Input: '1', InputPath: '$' }, 'Only one of Input, InputPath, or InputTransformer'],
    ['a constant that is no JSON', { Input: '{' }, 'JSON syntax error in input for target t'],
    ['a path without $', { InputPath: 'detail' }, 'Invalid JSON path: detail'],
    ['a path with a filter', { InputPath: '$.a[?(@.b)]' }, 'local-aws does not support the JSON path'],
    ['a template without a text', { InputTransformer: {} }, 'InputTemplate for target t must not be empty.'],
    ['a placeholder without a path', { InputTransformer: { InputTemplate: '<a>' } }, 'invalid placeholder a'],
    [
      'a template that is no JSON',
      { InputTransformer: { InputPathsMap: { a: '$.a' }, InputTemplate: '{"a":<a>' } },
      'Invalid InputTemplate',
    ],
    [
      'a name that AWS keeps for itself',
      { InputTransformer: { InputPathsMap: { AWSa: '$.a' }, InputTemplate: '<AWSa>' } },
      'may not start with AWS',
    ],
  ])('is refused: %s', (_title, input, message) => {
    expect(() => checkTargetInput('t', input)).toThrow(message);
  });
});
