import { CredentialSource } from '../../../lib/index.ts';
import { statement, statements, text } from '../templates.ts';
import { base, every, resourcesOf, secretBase, templateWith } from './support.ts';

describe('the handler', () => {
  const template = templateWith();

  test('makes, changes and deletes the provider of this name', () => {
    const { Action } = statement(template, 'ManageCredentialProvider');
    expect(Action).toEqual(
      ['Create', 'Update', 'Delete'].map((verb) => `bedrock-agentcore:${verb}ApiKeyCredentialProvider`),
    );
    expect(resourcesOf(statement(template, 'ManageCredentialProvider'))).toEqual([
      `${base}:token-vault/default`,
      `${base}:token-vault/default/apikeycredentialprovider/openai`,
    ]);
    expect(resourcesOf(statement(template, 'OwnCredentialProvider'))).toEqual([
      `${base}:token-vault/default/apikeycredentialprovider/openai`,
    ]);
  });

  test('changes and deletes those of other names only if they bear the tag of this stack', () => {
    const wide = statements(template).filter((each) => resourcesOf(each).includes(every));
    expect(wide.map(({ Sid }) => Sid)).toEqual(['FindCredentialProviders', 'RetireFormerProviders']);
    expect(statement(template, 'FindCredentialProviders').Action).toEqual([
      'bedrock-agentcore:GetApiKeyCredentialProvider',
      'bedrock-agentcore:ListApiKeyCredentialProviders',
      'bedrock-agentcore:ListTagsForResource',
    ]);
    expect(statement(template, 'RetireFormerProviders').Condition).toEqual({
      StringEquals: { 'aws:ResourceTag/outbound-auth:stack-id': { Ref: 'AWS::StackId' } },
    });
  });

  test('writes the copy of this provider where it keeps one, and no other', () => {
    const { Action, Resource } = statement(templateWith({ source: CredentialSource.copy('s') }), 'ManageCopy');
    expect(text(Resource)).toBe(`${secretBase}:bedrock-agentcore-identity!default/apikey/openai-??????`);
    expect(Action).toEqual(
      ['CreateSecret', 'PutSecretValue', 'DescribeSecret', 'GetSecretValue', 'TagResource'].map(
        (action) => `secretsmanager:${action}`,
      ),
    );
    expect(() => statement(template, 'ManageCopy')).toThrow();
  });

  test('deletes copies through AgentCore only', () => {
    expect(statement(template, 'DeleteCopies').Condition).toEqual({
      BoolIfExists: { 'aws:ViaAWSService': 'true' },
    });
  });
});
