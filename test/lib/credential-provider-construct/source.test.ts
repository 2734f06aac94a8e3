import { CfnParameter, Fn, type Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { CredentialSource } from '../../../lib/index.ts';
import { only, statement, statements, text } from '../templates.ts';
import { keyArn, propertiesWith, resourcesOf, type Settings, secretBase, stackWith, templateWith } from './support.ts';

describe('the source of the key', () => {
  test('is a reference to one key of a JSON secret', () => {
    expect(propertiesWith()).toMatchObject({ SecretSource: 'EXTERNAL', SecretId: 'team/openai', JsonKey: 'apiKey' });
    const source = CredentialSource.reference('team/openai', { jsonKey: 'other' });
    expect(propertiesWith({ source })).toMatchObject({ JsonKey: 'other' });
  });

  test('has its default key where none is given, in whichever way', () => {
    expect(CredentialSource.reference('s', { jsonKey: undefined }).jsonKey).toBe('apiKey');
  });

  test.each<[string, string, string]>([
    ['an empty JSON key', '', 'jsonKey: "" must not be empty: leave it out for the default.'],
    [
      'a key in its place',
      'sk-proj-0123456789',
      'jsonKey: looks like an API key: give the name that it has in the JSON object.',
    ],
  ])('is refused with %s', (_, jsonKey, message) => {
    for (const kind of ['reference', 'copy'] as const) {
      expect(() => CredentialSource[kind]('s', { jsonKey })).toThrow(
        expect.objectContaining({ name: 'SettingsError', message }),
      );
    }
  });

  const notASecret = 'must be the name or the ARN of a secret, without wildcards';

  test.each<[string, string, string]>([
    ['a pattern, which would grant many', 'team/*', `"team/*" ${notASecret}`],
    ['nothing', '', `(not shown) ${notASecret}`],
    ['a key', 'sk-proj-0123456789', '(not shown) looks like an API key: give the name of the secret that holds it'],
    ['a key in a header', 'Bearer sk-proj-0123456789', `(not shown) ${notASecret}`],
    ['a key behind a wildcard', '*sk-proj-0123456789', `(not shown) ${notASecret}`],
    ['the value of a secret', '{"apiKey": "0123456789abcdef"}', `(not shown) ${notASecret}`],
  ])('cannot be %s', (_, secret, words) => {
    for (const kind of ['reference', 'copy'] as const) {
      expect(() => CredentialSource[kind](secret)).toThrow(
        expect.objectContaining({ name: 'SettingsError', message: `CredentialSource: the secret ${words}.` }),
      );
    }
  });

  test('may be known at the deployment only: a name as it is, an ARN as a construct', () => {
    const name = propertiesWith((stack) => ({
      source: CredentialSource.reference(new CfnParameter(stack, 'Name').valueAsString),
    }));
    expect(name.SecretId).toEqual({ Ref: 'Name' });
    const imported = Fn.importValue('arn');
    const template = templateWith((stack) => ({
      source: CredentialSource.reference(Secret.fromSecretCompleteArn(stack, 'S', imported)),
    }));
    expect(statement(template, 'CheckSecret').Resource).toEqual({ 'Fn::ImportValue': 'arn' });
  });

  test('is described in characters and at a length that IAM takes, other ones for other keys', () => {
    const description = (jsonKey: string) => {
      const template = templateWith({ source: CredentialSource.reference('s', { jsonKey }) });
      return text(only(template, 'AWS::IAM::Role').Properties.Description);
    };
    const keys = ['キー', 'キース', 'k'.repeat(2000), `${'k'.repeat(1999)}l`];
    const descriptions = keys.map(description);
    for (const each of descriptions) expect(each).toMatch(/^[\t\n\r\x20-\x7e\xa1-\xff]{1,1000}$/);
    expect(new Set(descriptions).size).toBe(keys.length);
  });

  test('is a copy of a whole secret, or of one key of it', () => {
    const whole = propertiesWith({ source: CredentialSource.copy('team/openai') });
    expect(whole).toMatchObject({ SecretSource: 'MANAGED', SecretId: 'team/openai' });
    expect(whole).not.toHaveProperty('JsonKey');
    const source = CredentialSource.copy('team/openai', { jsonKey: 'k' });
    expect(propertiesWith({ source })).toMatchObject({ SecretSource: 'MANAGED', JsonKey: 'k' });
  });

  test('may be a secret of the same app: then its exact ARN is what the handler may read', () => {
    const template = templateWith((stack) => ({ source: CredentialSource.reference(new Secret(stack, 'Secret')) }));
    const [secretId] = Object.keys(template.findResources('AWS::SecretsManager::Secret'));
    expect(only(template, 'Custom::ApiKeyCredentialProvider').Properties.SecretId).toEqual({ Ref: secretId });
    expect(statement(template, 'CheckSecret').Resource).toEqual({ Ref: secretId });
  });

  test.each<[string, (stack: Stack) => Settings, string, string[]]>([
    [
      'its name',
      (stack) => ({ source: CredentialSource.reference(Secret.fromSecretNameV2(stack, 'S', 'team/openai')) }),
      'team/openai',
      [`${secretBase}:team/openai-??????`],
    ],
    [
      'its complete ARN',
      (stack) => ({
        source: CredentialSource.reference(
          Secret.fromSecretCompleteArn(
            stack,
            'S',
            'arn:aws:secretsmanager:us-east-1:111122223333:secret:openai-AbCdEf',
          ),
        ),
      }),
      'arn:aws:secretsmanager:us-east-1:111122223333:secret:openai-AbCdEf',
      ['arn:aws:secretsmanager:us-east-1:111122223333:secret:openai-AbCdEf'],
    ],
    [
      'its partial ARN',
      (stack) => ({
        source: CredentialSource.reference(
          Secret.fromSecretPartialArn(stack, 'S', 'arn:aws:secretsmanager:us-east-1:111122223333:secret:openai'),
        ),
      }),
      'arn:aws:secretsmanager:us-east-1:111122223333:secret:openai',
      [
        'arn:aws:secretsmanager:us-east-1:111122223333:secret:openai',
        'arn:aws:secretsmanager:us-east-1:111122223333:secret:openai-??????',
      ],
    ],
  ])('may be a secret that is known by %s', (_, settings, secretId, resources) => {
    const template = templateWith(settings);
    expect(only(template, 'Custom::ApiKeyCredentialProvider').Properties.SecretId).toBe(secretId);
    expect(resourcesOf(statement(template, 'CheckSecret'))).toEqual(resources);
  });
});

describe('a customer managed KMS key', () => {
  const viaSecretsManager = { StringEquals: { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' } };

  function grantsWith(source: (stack: Stack) => CredentialSource) {
    const { stack, provider, template } = stackWith((scope) => ({ source: source(scope) }));
    provider.grantUse(new Role(stack, 'Agent', { assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com') }));
    return statements(template()).filter(({ Action }) => [Action].flat().includes('kms:Decrypt'));
  }

  test('of the secret is used through Secrets Manager only, by the handler and by the agents', () => {
    const grants = grantsWith((stack) => {
      const encryptionKey = new Key(stack, 'Cmk');
      return CredentialSource.reference(new Secret(stack, 'Secret', { encryptionKey }));
    });
    expect(grants).toHaveLength(2);
    for (const { Resource, Condition } of grants) {
      expect(text(Resource)).toMatch(/^\$\{Cmk.*\.Arn\}$/);
      expect(Condition).toEqual(viaSecretsManager);
    }
  });

  test('of a secret that is known by name is named beside it', () => {
    const grants = grantsWith(() => CredentialSource.reference('team/openai', { encryptionKeyArn: keyArn }));
    expect(grants.map(({ Resource }) => Resource)).toEqual([keyArn, keyArn]);
  });

  test('is no affair of the agents where they read a copy', () => {
    const grants = grantsWith(() => CredentialSource.copy('team/openai', { encryptionKeyArn: keyArn }));
    expect(grants.map(({ Sid }) => Sid)).toEqual(['DecryptSecret']);
  });

  test('is not used where there is none', () => {
    expect(grantsWith(() => CredentialSource.reference('team/openai'))).toEqual([]);
  });
});
