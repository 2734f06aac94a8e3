import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  ApiSchema,
  Gateway,
  GatewayCredentialProvider,
  type IApiKeyCredentialProvider,
} from 'aws-cdk-lib/aws-bedrockagentcore';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ApiKeyCredentialProvider, type ApiKeyCredentialProviderProps, CredentialSource } from '../../lib/index.ts';
import { only, type Statement, statement, statements, text } from './templates.ts';

const env = { account: '111122223333', region: 'us-east-1' };
const keyArn = 'arn:aws:kms:us-east-1:444455556666:key/1234';

type Settings = Partial<ApiKeyCredentialProviderProps>;

/** A stack of somebody else's app, with our construct in it. */
function stackWith(settings: Settings | ((stack: Stack) => Settings) = {}, stackEnv: typeof env | 'not known' = env) {
  const stack = new Stack(new App(), 'theirs', stackEnv === 'not known' ? {} : { env: stackEnv });
  const props = typeof settings === 'function' ? settings(stack) : settings;
  const provider = new ApiKeyCredentialProvider(stack, 'Key', {
    credentialProviderName: 'openai',
    source: CredentialSource.reference('team/openai'),
    ...props,
  });
  return { stack, provider, template: () => Template.fromStack(stack) };
}

const templateWith = (...args: Parameters<typeof stackWith>) => stackWith(...args).template();
const propertiesWith = (...args: Parameters<typeof stackWith>) =>
  only(templateWith(...args), 'Custom::ApiKeyCredentialProvider').Properties;
const resourcesOf = ({ Resource }: Statement) => [Resource].flat().map(text);

const base = 'arn:${AWS::Partition}:bedrock-agentcore:us-east-1:111122223333';
const secretBase = 'arn:${AWS::Partition}:secretsmanager:us-east-1:111122223333:secret';
const every = `${base}:token-vault/default/apikeycredentialprovider/*`;

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

  test('its tags are passed on, but not in the place of those that mark its owner', () => {
    expect(JSON.parse(propertiesWith({ tags: { team: 'a' } }).Tags as string)).toEqual({ team: 'a' });
    expect(() => stackWith({ tags: { 'outbound-auth:stack-id': 'x' } })).toThrow(
      /"outbound-auth:stack-id" is not allowed/,
    );
    const tooMany = Object.fromEntries(Array.from({ length: 46 }, (_, index) => [`t${index}`, '']));
    expect(() => stackWith({ tags: tooMany })).toThrow('tags: 46 are too many; allowed: 44');
  });
});

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

describe('a change of the secret', () => {
  const template = templateWith();
  const rule = only(template, 'AWS::Events::Rule');
  const { EventPattern, Targets } = rule.Properties as {
    EventPattern: {
      source: string[];
      $or: [NativeEvent: object, Call: { detail: { requestParameters: { secretId: unknown[] } } }, Rotation: object];
    };
    Targets: [Record<string, unknown>];
  };
  const [[resourceId = ''] = []] = Object.entries(template.findResources('Custom::ApiKeyCredentialProvider'));
  const secretArn = { 'Fn::GetAtt': [resourceId, 'SecretArn'] };

  test('is told by Secrets Manager itself, which needs no trail', () => {
    expect(EventPattern.source).toEqual(['aws.secretsmanager']);
    expect(EventPattern.$or[0]).toEqual({
      'detail-type': ['Secret Label Updated'],
      resources: [secretArn],
      detail: { labelUpdated: ['AWSCURRENT'] },
    });
  });

  test('is told by CloudTrail, for each call that changes a value, whichever way it names the secret', () => {
    const [, call] = EventPattern.$or;
    expect(call).toMatchObject({
      'detail-type': ['AWS API Call via CloudTrail'],
      detail: { eventName: ['PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage'] },
    });
    expect(secretIdsOf(template)).toEqual([`\${${resourceId}.SecretArn}`, 'team/openai', `${secretBase}:team/openai`]);
  });

  test('is told by CloudTrail for a rotation', () => {
    expect(EventPattern.$or[2]).toMatchObject({
      'detail-type': ['AWS Service Event via CloudTrail'],
      detail: {
        eventName: ['RotationSucceeded'],
        additionalEventData: { SecretId: expect.arrayContaining([secretArn]) },
      },
    });
  });

  test('of a secret that is known by its ARN is seen by its name too', () => {
    const source = CredentialSource.reference('arn:aws:secretsmanager:us-east-1:111122223333:secret:openai-AbCdEf');
    expect(secretIdsOf(templateWith({ source })).slice(1)).toEqual([
      'openai-AbCdEf',
      'openai',
      'arn:aws:secretsmanager:us-east-1:111122223333:secret:openai-AbCdEf',
      'arn:aws:secretsmanager:us-east-1:111122223333:secret:openai',
    ]);
  });

  test('calls the handler with all that a refresh needs', () => {
    const { InputPathsMap, InputTemplate } = Targets[0].InputTransformer as {
      InputPathsMap: Record<string, string>;
      InputTemplate: unknown;
    };
    const values: Record<string, string> = { time: '"2026-11-23T00:00:00Z"', 'detail-type': '"Secret Label Updated"' };
    expect(InputPathsMap).toEqual({ time: '$.time', 'detail-type': '$.detail-type' });
    expect(JSON.parse(text(InputTemplate).replace(/<([\w-]+)>/g, (_, name: string) => values[name] ?? ''))).toEqual({
      refresh: {
        CredentialProviderName: 'openai',
        SecretSource: 'EXTERNAL',
        SecretId: 'team/openai',
        JsonKey: 'apiKey',
        OwnerStackId: '${AWS::StackId}',
        OwnerLogicalId: resourceId,
      },
      time: '2026-11-23T00:00:00Z',
      eventName: 'Secret Label Updated',
    });
  });

  test('may call the handler by this rule only', () => {
    const [[ruleId = ''] = []] = Object.entries(template.findResources('AWS::Events::Rule'));
    expect(only(template, 'AWS::Lambda::Permission').Properties).toMatchObject({
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': [ruleId, 'Arn'] },
    });
  });

  test('is not told before there is a provider', () => {
    expect(rule.DependsOn).toContain(resourceId);
  });

  test('that could not be followed is tried again, kept for two weeks and sounds the alarm', () => {
    const [[queueId = ''] = []] = Object.entries(template.findResources('AWS::SQS::Queue'));
    const queue = { 'Fn::GetAtt': [queueId, 'Arn'] };
    expect(Targets[0]).toMatchObject({ DeadLetterConfig: { Arn: queue }, RetryPolicy: { MaximumRetryAttempts: 2 } });
    expect(only(template, 'AWS::Lambda::Function').Properties).toMatchObject({
      DeadLetterConfig: { TargetArn: queue },
    });
    expect(only(template, 'AWS::Lambda::EventInvokeConfig').Properties).toMatchObject({
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 3600,
    });
    expect(statement(template, 'KeepFailures')).toMatchObject({ Action: 'sqs:SendMessage', Resource: queue });
    expect(only(template, 'AWS::SQS::Queue').Properties).toEqual({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 24 * 3600,
    });
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
    expect(only(template, 'AWS::CloudWatch::Alarm').Properties).toMatchObject({
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queueId, 'QueueName'] } }],
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  function secretIdsOf(of: Template): string[] {
    const pattern = only(of, 'AWS::Events::Rule').Properties.EventPattern as typeof EventPattern;
    return pattern.$or[1].detail.requestParameters.secretId.map(text);
  }
});

describe('in the app of somebody else', () => {
  function granted(grant: (provider: ApiKeyCredentialProvider, role: Role) => unknown) {
    const { stack, provider } = stackWith();
    const role = new Role(stack, 'Theirs', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    grant(provider, role);
    return statements(Template.fromStack(stack))
      .filter(({ Sid }) => Sid === undefined)
      .map((each) => ({ actions: [each.Action].flat(), resources: resourcesOf(each) }));
  }
  const exact = `${base}:token-vault/default/apikeycredentialprovider/openai`;
  const vault = `${base}:token-vault/default`;
  const directory = `${base}:workload-identity-directory/default`;

  test('grantUse gives the key of this provider and the one secret behind it, and the same of the one that it replaces', () => {
    const [key, secret, ...others] = granted((provider, role) => provider.grantUse(role));
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
    const [key] = granted((provider, role) => provider.grantUse(role, { workloadIdentityArns: [identity] }));
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

  test('two providers can be granted to one role', () => {
    const { stack, provider } = stackWith();
    const other = new ApiKeyCredentialProvider(stack, 'Other', {
      credentialProviderName: 'other',
      source: CredentialSource.copy('other'),
    });
    const role = new Role(stack, 'Theirs', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    for (const each of [provider, other]) each.grantUse(role);
    // IAM refuses a policy in which a Sid stands twice.
    expect(statements(Template.fromStack(stack)).filter(({ Sid }) => Sid === undefined)).toHaveLength(4);
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
