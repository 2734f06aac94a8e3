import { Match, type Template } from 'aws-cdk-lib/assertions';
import { CredentialSource } from '../../../lib/index.ts';
import { text } from '../templates.ts';
import { keyArn, stackWith, templateWith } from './support.ts';

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
    const roles = { 'aws:PrincipalTag/outbound-auth:reads-secret-of': 'openai' };
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
      Tags: [{ Key: 'outbound-auth:reads-secret-of', Value: 'openai' }],
    });
  });

  test('may turn out to be of this one where the account is not known yet: then nothing is printed', () => {
    const template = templateWith(reference(theirs), 'not known');
    const condition = outputOf(template, /SecretResourcePolicy/)?.Condition ?? '';
    expect(template.findConditions(condition)[condition]).toEqual({
      'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'AWS::AccountId' }, '444455556666'] }],
    });
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

  test('is not what one of this account is: no policies, no tags', () => {
    const template = templateWith(reference('arn:aws:secretsmanager:us-east-1:111122223333:secret:openai-AbCdEf'));
    expect(outputOf(template, /Policy/)).toBeUndefined();
    template.hasResourceProperties('AWS::IAM::Role', { Tags: Match.absent() });
  });
});
