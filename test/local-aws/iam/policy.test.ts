import { conditionsHold } from '../../../local-aws/iam/conditions.ts';
import { evaluate, evaluateResourcePolicy, type Statement, trusts } from '../../../local-aws/iam/policy.ts';
import { matchesWildcard } from '../../../local-aws/iam/wildcard.ts';

const secret = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:openai-AbCdEf';

describe('a wildcard', () => {
  test.each([
    ['*', 'anything at all', true],
    ['arn:aws:s3:::assets/*', 'arn:aws:s3:::assets/a/b', true],
    ['arn:aws:s3:::assets/*', 'arn:aws:s3:::assets', false],
    ['secret:openai-??????', 'secret:openai-AbCdEf', true],
    ['secret:openai-??????', 'secret:openai-AbCdE', false],
    ['a.c', 'abc', false],
    ['a+(b)[c]', 'a+(b)[c]', true],
    ['line*', 'line\nbreak', true],
  ])('%s against %s: %s', (pattern, value, expected) => {
    expect(matchesWildcard(value, pattern)).toBe(expected);
  });

  test('keeps case in resources', () => {
    expect(matchesWildcard('secret:OpenAI', 'secret:openai')).toBe(false);
  });

  test('with a policy variable is refused, for it would silently match nothing', () => {
    expect(() => matchesWildcard('a', 'arn:aws:s3:::home/${aws:username}/*')).toThrow('IAM policy variables');
  });
});

describe('evaluation', () => {
  const allow: Statement = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: secret };

  test('without a statement that matches, nothing is allowed', () => {
    expect(evaluate([], 'secretsmanager:GetSecretValue', secret, {})).toBe('implicitly denied');
    expect(evaluate([allow], 'secretsmanager:DeleteSecret', secret, {})).toBe('implicitly denied');
    expect(evaluate([allow], 'secretsmanager:GetSecretValue', `${secret}x`, {})).toBe('implicitly denied');
  });

  test('an Allow that matches is enough; actions know no case', () => {
    expect(evaluate([allow], 'secretsmanager:GetSecretValue', secret, {})).toBe('allowed');
    expect(
      evaluate([{ ...allow, Action: 'SecretsManager:getsecret*' }], 'secretsmanager:GetSecretValue', secret, {}),
    ).toBe('allowed');
  });

  test('an ARN without its six-character suffix matches nothing', () => {
    const statement = { ...allow, Resource: secret.slice(0, -7) };
    expect(evaluate([statement], 'secretsmanager:GetSecretValue', secret, {})).toBe('implicitly denied');
  });

  test('a Deny wins over every Allow, in any order', () => {
    const deny: Statement = { Effect: 'Deny', Action: 'secretsmanager:*', Resource: '*' };
    expect(evaluate([deny, allow], 'secretsmanager:GetSecretValue', secret, {})).toBe('explicitly denied');
    expect(evaluate([allow, deny], 'secretsmanager:GetSecretValue', secret, {})).toBe('explicitly denied');
  });

  test('NotAction and NotResource mean all others', () => {
    const others: Statement = { Effect: 'Allow', NotAction: 'iam:*', NotResource: 'arn:aws:s3:::private/*' };
    expect(evaluate([others], 's3:GetObject', 'arn:aws:s3:::public/a', {})).toBe('allowed');
    expect(evaluate([others], 's3:GetObject', 'arn:aws:s3:::private/a', {})).toBe('implicitly denied');
    expect(evaluate([others], 'iam:PassRole', 'arn:aws:s3:::public/a', {})).toBe('implicitly denied');
  });

  test('a statement with neither Action nor NotAction speaks of nothing', () => {
    expect(evaluate([{ Effect: 'Allow', Resource: '*' }], 's3:GetObject', 'arn', {})).toBe('implicitly denied');
  });
});

describe('conditions', () => {
  test.each<[string, Parameters<typeof conditionsHold>[0], Record<string, string>, boolean]>([
    ['equal', { StringEquals: { 'aws:SourceAccount': '1' } }, { 'aws:SourceAccount': '1' }, true],
    ['not equal', { StringEquals: { 'aws:SourceAccount': '1' } }, { 'aws:SourceAccount': '2' }, false],
    ['one of several values', { StringEquals: { k: ['1', '2'] } }, { k: '2' }, true],
    ['all keys of an operator', { StringEquals: { a: '1', b: '1' } }, { a: '1', b: '2' }, false],
    ['all operators', { StringEquals: { a: '1' }, StringLike: { b: 'x*' } }, { a: '1', b: 'y' }, false],
    ['keys without case', { StringEquals: { 'AWS:sourceaccount': '1' } }, { 'aws:SourceAccount': '1' }, true],
    ['a missing key fails a positive test', { StringLike: { k: '*' } }, {}, false],
    ['a missing key passes a negated test', { StringNotEquals: { k: '1' } }, {}, true],
    ['a missing key passes IfExists', { StringEqualsIfExists: { k: '1' } }, {}, true],
    ['a present key is tested by IfExists', { StringEqualsIfExists: { k: '1' } }, { k: '2' }, false],
    ['a negated test of several values', { StringNotEquals: { k: ['1', '2'] } }, { k: '2' }, false],
    ['ArnLike with wildcards', { ArnLike: { k: 'arn:*:runtime/x*' } }, { k: 'arn:aws:runtime/xy' }, true],
    ['Null true: the key must be missing', { Null: { k: 'true' } }, { k: '1' }, false],
    ['Null false: the key must be there', { Null: { k: 'false' } }, { k: '1' }, true],
    ['Bool', { Bool: { 'aws:SecureTransport': true } }, { 'aws:SecureTransport': 'true' }, true],
  ])('%s', (_, condition, context, expected) => {
    expect(conditionsHold(condition, context)).toBe(expected);
  });

  const keys = { 'aws:TagKeys': ['a', 'b'] };
  test.each<[string, Parameters<typeof conditionsHold>[0], Record<string, string[]>, boolean]>([
    [
      'ForAllValues: each is one of them',
      { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'b', 'c'] } },
      keys,
      true,
    ],
    ['ForAllValues: one is none of them', { 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } }, keys, false],
    ['ForAllValues passes without values', { 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } }, {}, true],
    ['ForAnyValue: one is one of them', { 'ForAnyValue:StringLike': { 'aws:TagKeys': 'b*' } }, keys, true],
    ['ForAnyValue: none is', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'c' } }, keys, false],
    ['ForAnyValue fails without values', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } }, {}, false],
    [
      'ForAllValues negated: each is none of them',
      { 'ForAllValues:StringNotEquals': { 'aws:TagKeys': 'a' } },
      keys,
      false,
    ],
    ['ForAnyValue negated: one is none of them', { 'ForAnyValue:StringNotEquals': { 'aws:TagKeys': 'a' } }, keys, true],
    ['Null false: a list is there', { Null: { 'aws:TagKeys': 'false' } }, keys, true],
  ])('of a key with several values: %s', (_, condition, context, expected) => {
    expect(conditionsHold(condition, context)).toBe(expected);
  });

  test('an operator that is not known is refused by name', () => {
    expect(() =>
      conditionsHold({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, { 'aws:SourceIp': '10.1.1.1' }),
    ).toThrow('local-aws does not support the IAM condition operator IpAddress.');
  });
});

describe('a trust policy', () => {
  const trust: Statement[] = [
    {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: 'bedrock-agentcore.amazonaws.com' },
      Condition: {
        StringEquals: { 'aws:SourceAccount': '111122223333' },
        ArnLike: { 'aws:SourceArn': 'arn:aws:bedrock-agentcore:eu-central-1:111122223333:runtime/agent*' },
      },
    },
  ];
  const source = {
    'aws:SourceAccount': '111122223333',
    'aws:SourceArn': 'arn:aws:bedrock-agentcore:eu-central-1:111122223333:runtime/agent-abc',
  };
  const isTrusted = (service: string, context: Record<string, string>) =>
    trusts(trust, 'sts:AssumeRole', 'Service', [service], context);

  test('trusts the service for the source that it names', () => {
    expect(isTrusted('bedrock-agentcore.amazonaws.com', source)).toBe(true);
  });

  test.each([
    ['another service', 'lambda.amazonaws.com', source],
    ['another account', 'bedrock-agentcore.amazonaws.com', { ...source, 'aws:SourceAccount': '444455556666' }],
    ['another runtime', 'bedrock-agentcore.amazonaws.com', { ...source, 'aws:SourceArn': 'arn:aws:x:runtime/other' }],
    ['no source at all', 'bedrock-agentcore.amazonaws.com', {}],
  ])('does not trust %s', (_, service, context) => {
    expect(isTrusted(service, context)).toBe(false);
  });

  test('an account named like a service is not that service', () => {
    expect(trusts(trust, 'sts:AssumeRole', 'AWS', ['bedrock-agentcore.amazonaws.com'], source)).toBe(false);
  });

  test('a Deny in it wins', () => {
    const deny: Statement = { Effect: 'Deny', Action: 'sts:*', Principal: '*' };
    expect(trusts([...trust, deny], 'sts:AssumeRole', 'Service', ['bedrock-agentcore.amazonaws.com'], source)).toBe(
      false,
    );
  });
});

describe('a policy of a resource', () => {
  const queue = 'arn:aws:sqs:eu-central-1:111122223333:queue';
  const statement: Statement = {
    Effect: 'Allow',
    Action: 'sqs:SendMessage',
    Resource: queue,
    Principal: { Service: 'events.amazonaws.com' },
    Condition: { ArnEquals: { 'aws:SourceArn': 'arn:rule' } },
  };
  const decide = (service: string, source: string, resource = queue) =>
    evaluateResourcePolicy([statement], 'Service', [service], 'sqs:SendMessage', resource, { 'aws:SourceArn': source });

  test('speaks to the principal that it names, and to no other', () => {
    expect(decide('events.amazonaws.com', 'arn:rule')).toBe('allowed');
    expect(decide('sns.amazonaws.com', 'arn:rule')).toBe('implicitly denied');
    expect(decide('events.amazonaws.com', 'arn:other')).toBe('implicitly denied');
    expect(decide('events.amazonaws.com', 'arn:rule', `${queue}2`)).toBe('implicitly denied');
  });
});
