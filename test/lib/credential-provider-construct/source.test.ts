import type { Stack } from 'aws-cdk-lib';
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
