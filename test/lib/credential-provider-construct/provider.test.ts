import { App, Aws, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { ApiKeyCredentialProvider, CredentialSource } from '../../../lib/index.ts';
import { only, text } from '../templates.ts';
import { propertiesWith, stackWith } from './support.ts';

describe('the name', () => {
  test('is made of the path where none is given, and is another one for each source', () => {
    const name = (source: (stack: Stack) => CredentialSource) => {
      const stack = new Stack(new App(), 'theirs');
      return new ApiKeyCredentialProvider(stack, 'Key', { source: source(stack) }).credentialProviderName;
    };
    const sources = [
      () => CredentialSource.reference('s'),
      () => CredentialSource.reference('s', { jsonKey: 'other' }),
      () => CredentialSource.reference('t'),
      () => CredentialSource.copy('s'),
      (stack: Stack) => CredentialSource.copy(new Secret(stack, 'Own')),
    ];
    const names = sources.map(name);
    for (const each of names) expect(each).toMatch(/^theirs-?Key-?[a-zA-Z0-9-]{1,120}$/);
    expect(new Set(names).size).toBe(sources.length);
    expect(sources.map(name)).toEqual(names);
  });

  test('that is known only at the deployment is told to other stacks by the id of the resource, which is that name', () => {
    const app = new App();
    const provider = new ApiKeyCredentialProvider(new Stack(app, 'theirs'), 'Key', {
      credentialProviderName: `openai-${Aws.STACK_NAME}`,
      source: CredentialSource.reference('s'),
    });
    const other = new Stack(app, 'other');
    new StringParameter(other, 'Name', { stringValue: provider.credentialProviderName });
    const { Value } = only(Template.fromStack(other), 'AWS::SSM::Parameter').Properties;
    expect(text(Value)).toContain(provider.ownerLogicalId);
    expect(JSON.stringify(Value)).not.toContain('AWS::StackName');
    expect(provider.description).not.toContain('Token');
  });

  test.each(['open_ai', 'a'.repeat(129), ''])('is refused where AgentCore would: "%s"', (credentialProviderName) => {
    expect(() => stackWith({ credentialProviderName })).toThrow(/must be 1 to 128 letters, digits and hyphens\.$/);
  });
});

describe('what becomes of the provider', () => {
  test.each([
    [RemovalPolicy.DESTROY, 'Delete'],
    [RemovalPolicy.RETAIN, 'Retain'],
  ])('with the removal policy %s: %s', (removalPolicy, OnDelete) => {
    expect(propertiesWith({ removalPolicy })).toMatchObject({ OnDelete });
    const { provider, template } = stackWith();
    provider.applyRemovalPolicy(removalPolicy);
    expect(only(template(), 'Custom::ApiKeyCredentialProvider').Properties).toMatchObject({ OnDelete });
  });

  test('without one is decided by the handler, which knows whether it was adopted', () => {
    expect(propertiesWith()).not.toHaveProperty('OnDelete');
  });

  test('cannot be a snapshot', () => {
    expect(() => stackWith({ removalPolicy: RemovalPolicy.SNAPSHOT })).toThrow(
      'removalPolicy: "snapshot" is not allowed; allowed: destroy, retain.',
    );
  });

  test('that somebody else has made is theirs, unless it is adopted', () => {
    expect(propertiesWith()).not.toHaveProperty('AdoptExisting');
    expect(propertiesWith({ adoptExisting: true })).toMatchObject({ AdoptExisting: 'true' });
  });

  test('bears the tags of the app around it, by which bills and guardrails go', () => {
    const { stack, template } = stackWith({ tags: { team: 'a' } });
    Tags.of(stack.node.root).add('cost-center', '42');
    const { Tags: tags } = only(template(), 'Custom::ApiKeyCredentialProvider').Properties;
    expect(JSON.parse(tags as string)).toEqual({ team: 'a', 'cost-center': '42' });
  });

  test.each<[string, string, string]>([
    ['outbound-auth:adopted', 'true', 'tags: "outbound-auth:adopted" is not allowed'],
    ['team', 'a'.repeat(257), 'tags: the value of "team" must have at most 256 characters.'],
    ['t'.repeat(129), '', `tags: "${'t'.repeat(129)}" must have 1 to 128 characters.`],
  ])('cannot bear the tag %s=%s, from wherever it comes', (name, value, message) => {
    expect(() => stackWith({ tags: { [name]: value } })).toThrow(message);
    const { stack, template } = stackWith();
    Tags.of(stack).add(name, value);
    expect(template).toThrow(message);
  });

  test('its tags are passed on, but not in the place of those that mark its owner', () => {
    expect(JSON.parse(propertiesWith({ tags: { team: 'a' } }).Tags as string)).toEqual({ team: 'a' });
    expect(() => stackWith({ tags: { 'outbound-auth:stack-id': 'x' } })).toThrow(
      /"outbound-auth:stack-id" is not allowed/,
    );
    const tooMany = Object.fromEntries(Array.from({ length: 46 }, (_, index) => [`t${index}`, '']));
    expect(() => stackWith({ tags: tooMany })).toThrow('tags: 46 are too many; allowed: 44');
  });
});
