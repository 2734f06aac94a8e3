import { resolveSecrets } from '../../../local-aws/cloudformation/template/dynamic-references.ts';
import { evaluate, noValue } from '../../../local-aws/cloudformation/template/functions.ts';
import { settleParameters } from '../../../local-aws/cloudformation/template/parameters.ts';
import { checkReferences, dependenciesOf } from '../../../local-aws/cloudformation/template/references.ts';
import { checkRules } from '../../../local-aws/cloudformation/template/rules.ts';
import { scopeOf } from '../../../local-aws/cloudformation/template/scope.ts';
import { parseTemplate, type Template } from '../../../local-aws/cloudformation/template/template.ts';

const template: Template = {
  Parameters: { Stage: { Type: 'String' }, Zones: { Type: 'CommaDelimitedList' } },
  Mappings: { Sizes: { dev: { count: 1 }, prod: { count: 3 } } },
  Conditions: {
    IsDev: { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] },
    IsProd: { 'Fn::Not': [{ Condition: 'IsDev' }] },
    Both: { 'Fn::And': [{ Condition: 'IsDev' }, { Condition: 'IsProd' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsDev' }, { Condition: 'IsProd' }] },
  },
  Resources: { Role: { Type: 'AWS::IAM::Role' } },
};

const scope = scopeOf({
  account: '111122223333',
  partition: 'aws',
  region: 'eu-central-1',
  stackId: 'arn:aws:cloudformation:eu-central-1:111122223333:stack/Demo/1',
  stackName: 'Demo',
  template,
  parameters: new Map([
    ['Stage', { given: 'dev', value: 'dev', noEcho: false }],
    ['Zones', { given: 'a, b', value: ['a', 'b'], noEcho: false }],
  ]),
  resource: (logicalId) =>
    logicalId === 'Role'
      ? { type: 'AWS::IAM::Role', ref: 'role-1', attributes: { Arn: 'arn:role-1', Nested: { Key: 'deep' } } }
      : undefined,
  importValue: (name) => `imported ${name}`,
  stackOutput: ({ stackName, outputName, region }) => `${stackName}.${outputName} of ${region}`,
});

describe('functions of a template', () => {
  test.each<[string, unknown, unknown]>([
    ['Ref of a parameter', { Ref: 'Stage' }, 'dev'],
    ['Ref of a list parameter', { Ref: 'Zones' }, ['a', 'b']],
    ['Ref of a resource', { Ref: 'Role' }, 'role-1'],
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-central-1'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Role', 'Arn'] }, 'arn:role-1'],
    ['GetAtt as a text', { 'Fn::GetAtt': 'Role.Arn' }, 'arn:role-1'],
    ['GetAtt of a nested attribute', { 'Fn::GetAtt': ['Role', 'Nested.Key'] }, 'deep'],
    ['Join', { 'Fn::Join': [':', ['arn', { Ref: 'AWS::Partition' }, 7]] }, 'arn:aws:7'],
    ['Join of a list parameter', { 'Fn::Join': ['+', { Ref: 'Zones' }] }, 'a+b'],
    ['Sub', { 'Fn::Sub': '${Stage}/${Role}/${Role.Arn}/${AWS::AccountId}' }, 'dev/role-1/arn:role-1/111122223333'],
    ['Sub with variables', { 'Fn::Sub': ['${A}-${Stage}', { A: { Ref: 'Role' } }] }, 'role-1-dev'],
    ['Sub of a literal', { 'Fn::Sub': '${!Stage} ${Stage}' }, '${Stage} dev'],
    ['Select', { 'Fn::Select': ['1', ['x', 'y']] }, 'y'],
    ['Split', { 'Fn::Split': ['/', 'a/b'] }, ['a', 'b']],
    ['Select of Split', { 'Fn::Select': [2, { 'Fn::Split': [':', 'a:b:c'] }] }, 'c'],
    ['If', { 'Fn::If': ['IsDev', 'yes', 'no'] }, 'yes'],
    ['Not', { 'Fn::If': ['IsProd', 'yes', 'no'] }, 'no'],
    ['And', { 'Fn::If': ['Both', 'yes', 'no'] }, 'no'],
    ['Or', { 'Fn::If': ['Either', 'yes', 'no'] }, 'yes'],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'count'] }, 1],
    ['ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': '${Stage}-vpc' } }, 'imported dev-vpc'],
    [
      'GetStackOutput, the weak reference of the CDK',
      { 'Fn::GetStackOutput': { StackName: 'Other', OutputName: 'Url', Region: { Ref: 'AWS::Region' } } },
      'Other.Url of eu-central-1',
    ],
    ['Base64', { 'Fn::Base64': 'hello' }, 'aGVsbG8='],
    ['NoValue in an object', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
    ['NoValue in a list', ['a', { 'Fn::If': ['IsProd', 'b', { Ref: 'AWS::NoValue' }] }], ['a']],
    [
      'a condition block of a policy, which is no function',
      { Condition: { Bool: { a: 'b' } } },
      { Condition: { Bool: { a: 'b' } } },
    ],
  ])('%s', (_name, value, expected) => {
    expect(evaluate(value, scope)).toEqual(expected);
  });

  test('NoValue alone evaluates to its mark', () => {
    expect(evaluate({ Ref: 'AWS::NoValue' }, scope)).toBe(noValue);
  });

  test.each<[string, unknown, string]>([
    ['an index that is not there', { 'Fn::Select': [2, ['a']] }, 'cannot select nonexistent value at index 2'],
    [
      'an attribute that is not there',
      { 'Fn::GetAtt': ['Role', 'Nope'] },
      'resource Role does not support attribute type Nope in Fn::GetAtt',
    ],
    [
      'a mapping that is not there',
      { 'Fn::FindInMap': ['Sizes', 'qa', 'count'] },
      'Unable to get mapping for Sizes::qa::count',
    ],
    ['an unknown condition', { 'Fn::If': ['Nope', 1, 2] }, 'unresolved condition dependency Nope'],
    ['a list inside a Join', { 'Fn::Join': ['', [['a']]] }, 'Fn::Join'],
    [
      'a function that local-aws leaves out',
      { 'Fn::Cidr': ['10.0.0.0/16', 2, 8] },
      'does not support the function Fn::Cidr',
    ],
  ])('%s is refused', (_name, value, message) => {
    expect(() => evaluate(value, scope)).toThrow(message);
  });
});

describe('the shape of a template', () => {
  const refusal = (body: unknown) => () => checkReferences(parseTemplate(JSON.stringify(body)));
  const role = { Type: 'AWS::IAM::Role' };

  test.each<[string, unknown, string]>([
    ['no resources', { Resources: {} }, 'At least one Resources member must be defined.'],
    ['an unknown section', { Resources: { A: role }, Foo: {} }, 'Invalid template property or properties [Foo]'],
    ['a transform', { Transform: 'AWS::Serverless-2016-10-31', Resources: { A: role } }, 'section Transform'],
    ['an unknown attribute', { Resources: { A: { ...role, Foo: 1 } } }, "Invalid template resource property 'Foo'"],
    [
      'a creation policy',
      { Resources: { A: { ...role, CreationPolicy: {} } } },
      'attribute CreationPolicy (resource A)',
    ],
    ['no type', { Resources: { A: {} } }, '[/Resources/A] Every Resources object must contain a Type member.'],
    ['a loop', { Resources: { 'Fn::ForEach::X': [] } }, 'the function Fn::ForEach'],
    [
      'a reference to nothing',
      { Resources: { A: { ...role, Properties: { P: { Ref: 'Nope' } } } } },
      'Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template',
    ],
    [
      'an output of nothing',
      { Resources: { A: role }, Outputs: { O: { Value: { 'Fn::GetAtt': ['Nope', 'Arn'] } } } },
      'Unresolved resource dependencies [Nope] in the Outputs block of the template',
    ],
    [
      'DependsOn of nothing',
      { Resources: { A: { ...role, DependsOn: 'Nope' } } },
      'dependencies [Nope] in the Resources',
    ],
    [
      'a circle',
      { Resources: { A: { ...role, Properties: { P: { Ref: 'B' } } }, B: { ...role, DependsOn: ['A'] } } },
      'Circular dependency between resources: [A, B]',
    ],
    [
      'an unknown function',
      { Resources: { A: { ...role, Properties: { P: { 'Fn::Length': [] } } } } },
      'the function Fn::Length',
    ],
    [
      'a condition function among properties',
      { Resources: { A: { ...role, Properties: { P: { 'Fn::Equals': [1, 1] } } } } },
      'Fn::Equals cannot be used outside of Conditions',
    ],
  ])('%s is refused', (_name, body, message) => {
    expect(refusal(body)).toThrow(message);
  });

  test('YAML is read as the CLI writes it; its short forms of functions are refused by name', () => {
    const yaml = "Resources:\n  A:\n    Type: AWS::IAM::Role\n    Properties: { P: 2012-10-17, Q: { Ref: 'A' } }\n";
    expect(parseTemplate(yaml)).toEqual({
      Resources: { A: { Type: 'AWS::IAM::Role', Properties: { P: '2012-10-17', Q: { Ref: 'A' } } } },
    });
    expect(() => parseTemplate('Resources:\n  A: !Ref B')).toThrow(
      'does not support this in a YAML template: Unresolved tag: !Ref',
    );
    expect(() => parseTemplate('Resources: [')).toThrow('Template format error: YAML not well-formed. (line 1)');
  });

  test('broken JSON is refused in the words of AWS', () => {
    expect(() => parseTemplate('{"Resources": ')).toThrow('Template format error: JSON not well-formed.');
  });

  test('references in every form make an order', () => {
    const { Resources } = parseTemplate(
      JSON.stringify({
        Resources: {
          A: role,
          B: role,
          C: role,
          D: {
            ...role,
            DependsOn: 'C',
            Properties: { P: [{ 'Fn::Sub': 'x ${A.Arn} ${!Nope}' }, { 'Fn::Sub': ['${B}${V}', { V: 1 }] }] },
          },
        },
      }),
    );
    const whole = { Resources };
    expect([...dependenciesOf(whole, Resources.D as NonNullable<typeof Resources.D>)].sort()).toEqual(['A', 'B', 'C']);
  });
});

describe('parameters', () => {
  const settle = (definition: Record<string, unknown>, value?: string, previous?: string) =>
    settleParameters(
      { Parameters: { P: { Type: 'String', ...definition } }, Resources: {} },
      value === undefined ? [{ key: 'P', usePreviousValue: previous !== undefined }] : [{ key: 'P', value }],
      new Map(previous === undefined ? [] : [['P', { given: previous, value: previous, noEcho: false }]]),
      (name) => (name === '/known' ? 'from SSM' : undefined),
    ).get('P');

  test('a value, a default and the previous value', () => {
    expect(settle({}, 'given')?.value).toBe('given');
    expect(settle({ Default: 3 })?.value).toBe('3');
    expect(settle({ Default: 'd' }, undefined, 'before')?.value).toBe('before');
  });

  test('a list is split, an SSM parameter is looked up', () => {
    expect(settle({ Type: 'CommaDelimitedList' }, 'a, b')?.value).toEqual(['a', 'b']);
    expect(settle({ Type: 'AWS::SSM::Parameter::Value<String>' }, '/known')).toMatchObject({
      given: '/known',
      value: 'from SSM',
      resolved: 'from SSM',
    });
  });

  test.each<[string, Record<string, unknown>, string | undefined, string]>([
    ['no value', {}, undefined, 'Parameters: [P] must have values'],
    ['a value that is not allowed', { AllowedValues: ['a'] }, 'b', "Parameter 'P' must be one of AllowedValues"],
    ['a value against the pattern', { AllowedPattern: '[a-z]+' }, 'A', "Parameter 'P' must match pattern [a-z]+"],
    [
      'the description of a constraint',
      { MinLength: 3, ConstraintDescription: 'three at least' },
      'x',
      'Parameter P failed to satisfy constraint: three at least',
    ],
    ['no number', { Type: 'Number' }, 'x', "Parameter 'P' must be a number."],
    [
      'a name unknown to SSM',
      { Type: 'AWS::SSM::Parameter::Value<String>' },
      '/x',
      'Unable to fetch parameters [/x] from parameter store for this account.',
    ],
    [
      'a type that local-aws leaves out',
      { Type: 'AWS::EC2::VPC::Id' },
      'vpc-1',
      'does not support the parameter type AWS::EC2::VPC::Id (parameter P)',
    ],
  ])('%s is refused', (_name, definition, value, message) => {
    expect(() =>
      value === undefined
        ? settleParameters(
            { Parameters: { P: { Type: 'String', ...definition } }, Resources: {} },
            [],
            new Map(),
            () => undefined,
          )
        : settle(definition, value),
    ).toThrow(message);
  });

  test('a parameter that the template does not have is refused', () => {
    expect(() => settleParameters({ Resources: {} }, [{ key: 'X', value: '1' }], new Map(), () => undefined)).toThrow(
      'Parameters: [X] do not exist in the template',
    );
  });
});

test("the CDK's rule about the bootstrap version is kept", () => {
  const Rules = {
    CheckBootstrapVersion: {
      Assertions: [
        { Assert: { 'Fn::Not': [{ 'Fn::Contains': [['dev', '2'], { Ref: 'Stage' }] }] }, AssertDescription: 'too old' },
      ],
    },
  };
  expect(() => checkRules({ ...template, Rules }, scope)).toThrow('Rule CheckBootstrapVersion failed: too old');
});

test('a secret is resolved by name or ARN, with a JSON key, only where it is asked for', () => {
  const asked: unknown[] = [];
  const value = {
    plain: '{{resolve:secretsmanager:mine}}',
    within: 'key={{resolve:secretsmanager:arn:aws:secretsmanager:r:1:secret:s-AbCdEf:SecretString:apiKey::}}.',
  };
  const resolved = resolveSecrets(value, (reference) => {
    asked.push(reference);
    return 'S';
  });
  expect(resolved).toEqual({ plain: 'S', within: 'key=S.' });
  expect(asked).toEqual([
    { secretId: 'mine' },
    { secretId: 'arn:aws:secretsmanager:r:1:secret:s-AbCdEf', jsonKey: 'apiKey' },
  ]);
});
