import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, type Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ApiKeyCredentialProvider, CredentialSource } from '../../../lib/index.ts';
import { text } from '../templates.ts';
import { env, keyArn, stackWith, templateWith } from './support.ts';

describe('a secret of another account', () => {
  const theirs = 'arn:aws:secretsmanager:us-east-1:444455556666:secret:openai-AbCdEf';
  const reference = (secret: string, encryptionKeyArn?: string) => ({
    source: CredentialSource.reference(secret, encryptionKeyArn ? { encryptionKeyArn } : {}),
  });
  const outputOf = (template: Template, name: RegExp) => {
    const [output] = Object.entries(
      (template.toJSON().Outputs ?? {}) as Record<string, { Value: unknown; Condition?: string }>,
    )
      .filter(([id]) => name.test(id))
      .map(([, value]) => value);
    return output;
  };

  test('needs policies on the other side, which are printed and know our roles by their tag', () => {
    const template = templateWith(reference(theirs, keyArn));
    const roles = { 'aws:PrincipalTag/outbound-auth:reads-secret-of:theirs-Key-73F0E259': 'true' };
    const principal = { AWS: 'arn:${AWS::Partition}:iam::111122223333:root' };
    expect(JSON.parse(text(outputOf(template, /SecretResourcePolicy/)?.Value))).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'OutboundAuth',
          Effect: 'Allow',
          Principal: principal,
          Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
          Resource: '*',
          Condition: { StringEquals: roles },
        },
      ],
    });
    expect(JSON.parse(text(outputOf(template, /KeyPolicyStatement/)?.Value))).toMatchObject({
      Principal: principal,
      Action: 'kms:Decrypt',
      Condition: { StringEquals: { ...roles, 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' } },
    });
    template.hasResourceProperties('AWS::IAM::Role', {
      Tags: [{ Key: 'outbound-auth:reads-secret-of:theirs-Key-73F0E259', Value: 'true' }],
    });
  });

  test('may turn out to be of this one where the account is not known yet: then nothing is printed', () => {
    const template = templateWith(reference(theirs), 'not known');
    const condition = outputOf(template, /SecretResourcePolicy/)?.Condition ?? '';
    expect(template.findConditions(condition)[condition]).toEqual({
      'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'AWS::AccountId' }, '444455556666'] }],
    });
  });

  test('is read by roles whose tag outlives a replacement of the provider: they are tagged before the agent has moved', () => {
    const tagWith = (credentialProviderName: string) =>
      stackWith({ ...reference(theirs, keyArn), credentialProviderName }).provider.roleTag;
    expect(tagWith('other')).toEqual(tagWith('openai'));
  });

  test('of a provider with a long path still has a tag that IAM takes', () => {
    const stack = new Stack(new App(), 'a'.repeat(128), { env });
    const { roleTag } = new ApiKeyCredentialProvider(stack, 'b'.repeat(200), reference(theirs, keyArn));
    expect(Object.keys(roleTag)).toEqual([expect.stringMatching(/^.{65,128}$/)]);
  });

  test('is read by a role that may use two such providers: it is tagged for each', () => {
    const { stack, provider, template } = stackWith(reference(theirs, keyArn));
    const other = new ApiKeyCredentialProvider(stack, 'Other', reference(theirs, keyArn));
    const role = new Role(stack, 'Agent', { assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com') });
    for (const each of [provider, other]) each.grantUse(role);
    template().hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'bedrock-agentcore.amazonaws.com' } }] },
      Tags: [provider, other].flatMap(({ roleTag }) => Object.entries(roleTag).map(([Key, Value]) => ({ Key, Value }))),
    });
  });

  test('is warned of where the role is not of this app, and has to be tagged over there', () => {
    const warnings = (secret: string) => {
      const { stack, provider } = stackWith(reference(secret, keyArn));
      provider.grantUse(Role.fromRoleArn(stack, 'Agent', 'arn:aws:iam::111122223333:role/agent'));
      return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('reads-secret-of'));
    };
    expect(warnings(theirs)).toHaveLength(1);
    expect(warnings('team/openai')).toEqual([]);
  });

  test.each([
    [
      'without a customer managed KMS key, as AWS lends its own to no other account',
      theirs,
      undefined,
      `The secret ${theirs} is of another account (444455556666, not 111122223333), which cannot use AWS's own KMS key: encrypt it with a customer managed key and give that key's ARN as encryptionKeyArn.`,
    ],
    [
      'by a partial ARN',
      'arn:aws:secretsmanager:us-east-1:444455556666:secret:openai',
      keyArn,
      'The secret arn:aws:secretsmanager:us-east-1:444455556666:secret:openai is of another account (444455556666, not 111122223333): give its complete ARN, with the six characters that AWS adds to the name.',
    ],
    [
      'of another Region',
      'arn:aws:secretsmanager:eu-west-1:111122223333:secret:openai-AbCdEf',
      keyArn,
      "The secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:openai-AbCdEf is in eu-west-1, but AgentCore in us-east-1 reads secrets of us-east-1 only: replicate it there (aws secretsmanager replicate-secret-to-regions) and give the replica's ARN.",
    ],
  ])('is refused %s', (_, secret, encryptionKeyArn, message) => {
    expect(() => stackWith(reference(secret, encryptionKeyArn))).toThrow(
      expect.objectContaining({ name: 'SettingsError', message }),
    );
  });

  test('is refused as a construct of a stack there: CDK does not know its complete ARN', () => {
    const app = new App();
    const secretOf = (theirEnv: typeof env) =>
      new Secret(new Stack(app, `of-${theirEnv.account}`, { env: theirEnv }), 'S', { secretName: 'openai' });
    const make = (secret: Secret) =>
      new ApiKeyCredentialProvider(new Stack(app, `for-${secret.stack.account}`, { env }), 'Key', {
        source: CredentialSource.reference(secret),
      });
    expect(() => make(secretOf({ ...env, account: '444455556666' }))).toThrow(
      expect.objectContaining({
        name: 'SettingsError',
        message:
          'The secret of the credential provider for-444455556666/Key is of another account (444455556666, not 111122223333), where its complete ARN is not known: give it as text, with Secret.fromSecretCompleteArn.',
      }),
    );
    expect(() => make(secretOf(env))).not.toThrow();
  });

  test('is not what one of this account is: no policies, no tags', () => {
    const template = templateWith(reference('arn:aws:secretsmanager:us-east-1:111122223333:secret:openai-AbCdEf'));
    expect(outputOf(template, /Policy/)).toBeUndefined();
    template.hasResourceProperties('AWS::IAM::Role', { Tags: Match.absent() });
  });
});
