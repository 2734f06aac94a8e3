import { App, Fn, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  ApiSchema,
  Gateway,
  GatewayCredentialProvider,
  type IApiKeyCredentialProvider,
} from 'aws-cdk-lib/aws-bedrockagentcore';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ApiKeyCredentialProvider, CredentialSource } from '../../../lib/index.ts';
import { type Statement, statements } from '../templates.ts';
import { base, env, every, keyArn, resourcesOf, stackWith } from './support.ts';

/** Of a grant, not of the handler. */
const isGranted = ({ Sid, Action }: Statement) =>
  Sid === undefined || (/^ReadApiKeySecret/.test(Sid) && Action === 'secretsmanager:GetSecretValue');

describe('in the app of somebody else', () => {
  function granted(grant: (provider: ApiKeyCredentialProvider, role: Role) => unknown) {
    const { stack, provider } = stackWith();
    const role = new Role(stack, 'Theirs', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    grant(provider, role);
    return statements(Template.fromStack(stack))
      .filter(isGranted)
      .map((each) => ({ actions: [each.Action].flat(), resources: resourcesOf(each) }));
  }
  const exact = `${base}:token-vault/default/apikeycredentialprovider/openai`;
  const vault = `${base}:token-vault/default`;
  const directory = `${base}:workload-identity-directory/default`;

  test('grantUse gives the key of this provider and the one secret behind it, and the same of the one that it replaces', () => {
    const [secret, key, ...others] = granted((provider, role) => provider.grantUse(role));
    expect(key).toEqual({
      actions: ['bedrock-agentcore:GetResourceApiKey'],
      resources: [
        exact,
        expect.stringMatching(/\/apikeycredentialprovider\/\$\{.*\.FormerCredentialProviderName\}$/),
        vault,
        directory,
        `${directory}/workload-identity/*`,
      ],
    });
    expect(secret).toEqual({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [expect.stringMatching(/\.ApiKeySecretArn\}$/), expect.stringMatching(/\.FormerApiKeySecretArn\}$/)],
    });
    expect(others).toEqual([]);
  });

  test('grantUse can be narrowed to the tokens of one workload identity', () => {
    const identity =
      'arn:aws:bedrock-agentcore:us-east-1:111122223333:workload-identity-directory/default/workload-identity/theirs';
    const [, key] = granted((provider, role) => provider.grantUse(role, { workloadIdentityArns: [identity] }));
    expect(key?.resources).toContain(identity);
    expect(key?.resources).not.toContain(`${directory}/workload-identity/*`);
  });

  test('grantRead shows what the provider is, and no key', () => {
    const grants = granted((provider, role) => provider.grantRead(role));
    expect(grants).toEqual([
      { actions: ['bedrock-agentcore:ListApiKeyCredentialProviders'], resources: [vault, every] },
      { actions: ['bedrock-agentcore:GetApiKeyCredentialProvider'], resources: [vault, exact] },
    ]);
  });

  test('grantAdmin manages this provider, and does not get its key', () => {
    expect(granted((provider, role) => provider.grantAdmin(role))).toEqual([
      {
        actions: ['Create', 'Get', 'Update', 'Delete'].map(
          (verb) => `bedrock-agentcore:${verb}ApiKeyCredentialProvider`,
        ),
        resources: [vault, exact],
      },
    ]);
  });

  test('grantFullAccess is all three', () => {
    const actions = granted((provider, role) => provider.grantFullAccess(role)).flatMap((each) => each.actions);
    expect(new Set(actions)).toEqual(
      new Set([
        ...['Create', 'Get', 'Update', 'Delete'].map((verb) => `bedrock-agentcore:${verb}ApiKeyCredentialProvider`),
        'bedrock-agentcore:ListApiKeyCredentialProviders',
        'bedrock-agentcore:GetResourceApiKey',
        'secretsmanager:GetSecretValue',
      ]),
    );
  });

  test('grantUse changes the template of the grantee when the secret changes: cdk skips one that stays the same', () => {
    const agentWith = (secret: string) => {
      const app = new App();
      const provider = new ApiKeyCredentialProvider(new Stack(app, 'identity'), 'Key', {
        credentialProviderName: 'openai',
        source: CredentialSource.reference(secret),
      });
      const agent = new Stack(app, 'agent');
      provider.grantUse(new Role(agent, 'Theirs', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
      return Template.fromStack(agent).toJSON();
    };
    expect(agentWith('team/other')).not.toEqual(agentWith('team/openai'));
    expect(agentWith('team/openai')).toEqual(agentWith('team/openai'));
  });

  test('two providers can be granted to one role', () => {
    const { stack, provider } = stackWith();
    const other = new ApiKeyCredentialProvider(stack, 'Other', {
      credentialProviderName: 'other',
      source: CredentialSource.copy('other'),
    });
    const role = new Role(stack, 'Theirs', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    for (const each of [provider, other]) each.grantUse(role);
    // IAM refuses a policy in which a Sid stands twice.
    const sids = statements(Template.fromStack(stack))
      .filter(isGranted)
      .map(({ Sid }) => Sid)
      .filter(Boolean);
    expect(new Set(sids).size).toBe(2);
  });

  test("the Gateway's role may read one secret only, where its complete ARN is known", () => {
    const completeArn = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:openai-AbCdEf';
    const bound = (kind: 'reference' | 'copy', secretArn: string) =>
      stackWith((stack) => ({
        source: CredentialSource[kind](Secret.fromSecretCompleteArn(stack, 'S', secretArn)),
      })).provider.bindForGatewayApiKeyTarget().secretArn;
    expect(bound('reference', completeArn)).toBe(completeArn);
    // AgentCore reads its own copy then.
    expect(bound('copy', completeArn)).not.toBe(completeArn);
    expect(Token.isUnresolved(bound('reference', Fn.importValue('arn')))).toBe(true);
  });

  test('a provider of another app grants the same', () => {
    const stack = new Stack(new App(), 'theirs', { env });
    const provider = ApiKeyCredentialProvider.fromApiKeyCredentialProviderAttributes(stack, 'Key', {
      credentialProviderName: 'openai',
      credentialProviderArn: `arn:aws:bedrock-agentcore:us-east-1:111122223333:token-vault/default/apikeycredentialprovider/openai`,
      apiKeySecretArn: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:openai-AbCdEf',
      apiKeyEncryptionKeyArn: keyArn,
      roleTag: { 'outbound-auth:reads-secret-of:them': 'true' },
    });
    const role = new Role(stack, 'Theirs', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    provider.grantUse(role);
    const template = Template.fromStack(stack);
    const granted = statements(template).map((each) => [each.Action, resourcesOf(each)]);
    expect(Object.fromEntries(granted)).toEqual({
      'secretsmanager:GetSecretValue': [provider.apiKeySecretArn],
      'kms:Decrypt': [keyArn],
      'bedrock-agentcore:GetResourceApiKey': [exact, vault, directory, `${directory}/workload-identity/*`],
    });
    template.hasResourceProperties('AWS::IAM::Role', {
      Tags: [{ Key: 'outbound-auth:reads-secret-of:them', Value: 'true' }],
    });
    const l2: IApiKeyCredentialProvider = provider;
    expect(l2.bindForGatewayApiKeyTarget()).toEqual({
      providerArn: provider.credentialProviderArn,
      secretArn: provider.apiKeySecretArn,
    });
  });

  test("the Gateway's L2 takes it for the L2's own provider", () => {
    const { stack, provider } = stackWith();
    const l2: IApiKeyCredentialProvider = provider;
    const gateway = new Gateway(stack, 'Gateway', { gatewayName: 'theirs' });
    gateway.addOpenApiTarget('Target', {
      gatewayTargetName: 'weather',
      apiSchema: ApiSchema.fromInline(
        '{"openapi":"3.0.3","info":{"title":"w","version":"1"},"servers":[{"url":"https://example.com"}],"paths":{}}',
      ),
      credentialProviderConfigurations: [GatewayCredentialProvider.fromApiKeyIdentity(l2)],
    });
    provider.grantUse(gateway.role);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::BedrockAgentCore::GatewayTarget', {
      CredentialProviderConfigurations: [
        {
          CredentialProviderType: 'API_KEY',
          CredentialProvider: {
            ApiKeyCredentialProvider: {
              ProviderArn: { 'Fn::GetAtt': [provider.ownerLogicalId, 'CredentialProviderArn'] },
            },
          },
        },
      ],
    });
    expect(provider.apiKeyCredentialProviderRef).toEqual({ credentialProviderArn: provider.credentialProviderArn });
    Annotations.fromStack(stack).hasNoError('*', Match.anyValue());
  });
});
