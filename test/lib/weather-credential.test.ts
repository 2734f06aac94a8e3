import { readEnvironments } from '../../lib/environments/index.ts';
import { permissionsBoundary } from '../../lib/policies/index.ts';
import { synthesize } from './synthesize.ts';
import { type CfnResource, only, statement, statements, text, unconditional } from './templates.ts';

const weather = { secret: 'team/weather' };
const { identity, agent } = synthesize({ weather });
const without = synthesize();

const base = 'arn:${AWS::Partition}:bedrock-agentcore:${AWS::Region}:${AWS::AccountId}';
const keyArns = [1, 2].map((number) => `arn:aws:kms:us-east-1:111122223333:key/${number}`);

const providers = Object.entries(identity.findResources('Custom::ApiKeyCredentialProvider')) as [string, CfnResource][];
const [modelProvider, weatherProvider] = ['openai', 'weather'].map(
  (service) =>
    providers.find(([, { Properties }]) => String(Properties.CredentialProviderName).includes(service)) as [
      string,
      CfnResource,
    ],
) as [[string, CfnResource], [string, CfnResource]];
const nameOf = ([, { Properties }]: [string, CfnResource]) => String(Properties.CredentialProviderName);

const resources = (sid: string, template = agent) => unconditional(statement(template, sid).Resource).map(text);

describe('an environment with a weather service', () => {
  test('has a second credential provider, of its own secret, named after the service and its source', () => {
    expect(weatherProvider[1].Properties).toMatchObject({
      CredentialProviderName: expect.stringMatching(/^outbound-auth-dev-weather-[0-9a-f]{6}$/),
      SecretSource: 'EXTERNAL',
      SecretId: 'team/weather',
      JsonKey: 'apiKey',
    });
    expect(providers).toHaveLength(2);
  });

  test('leaves everything of the model’s as it is without one', () => {
    const before = without.identity.toJSON();
    expect(identity.toJSON().Resources).toMatchObject(before.Resources);
    expect(identity.toJSON().Outputs).toMatchObject(before.Outputs);
  });

  test('tells the agent the names of both, how to ask, and no key or secret', () => {
    const { EnvironmentVariables } = only(agent, 'AWS::BedrockAgentCore::Runtime').Properties;
    expect(EnvironmentVariables).toMatchObject({
      CREDENTIAL_PROVIDER_NAME: nameOf(modelProvider),
      WEATHER_CREDENTIAL_PROVIDER_NAME: nameOf(weatherProvider),
      WEATHER_UNITS: 'metric',
    });
    expect(JSON.stringify(EnvironmentVariables)).not.toContain('team/');
  });

  test('has settings for the tool, which the agent gets', () => {
    const asSet = { ...weather, units: 'imperial', place: 'Seoul', baseUrl: 'https://proxy.example/v4' };
    synthesize({ weather: asSet }).agent.hasResourceProperties('AWS::BedrockAgentCore::Runtime', {
      EnvironmentVariables: {
        WEATHER_UNITS: 'imperial',
        WEATHER_PLACE: 'Seoul',
        WEATHER_BASE_URL: 'https://proxy.example/v4',
      },
    });
  });

  test('has outputs for both', () => {
    for (const name of ['CredentialProviderName', 'CredentialProviderArn', 'SecretArn']) {
      identity.hasOutput(name, {});
      identity.hasOutput(`Weather${name}`, {});
    }
  });
});

describe('the execution role of an agent with two keys', () => {
  test('gets those of its two providers, and of those before them, and no other', () => {
    const [vault, directory] = [`${base}:token-vault/default`, `${base}:workload-identity-directory/default`];
    const provider = `${vault}/apikeycredentialprovider`;
    expect(resources('GetApiKey').sort()).toEqual([
      vault,
      expect.stringMatching(
        /apikeycredentialprovider\/\$\{\w*GetAttCredentialProvider\w*FormerCredentialProviderName\w*\}$/,
      ),
      expect.stringMatching(/apikeycredentialprovider\/\$\{\w*Weather\w*FormerCredentialProviderName\w*\}$/),
      `${provider}/${nameOf(modelProvider)}`,
      `${provider}/${nameOf(weatherProvider)}`,
      directory,
      `${directory}/workload-identity/outbound_auth_dev-*`,
    ]);
  });

  test('reads their two secrets, by complete ARNs that the handlers found, and no other', () => {
    const read = resources('ReadApiKeySecret');
    expect(read).toHaveLength(4);
    expect(read.filter((arn) => arn.includes('Weather'))).toHaveLength(2);
    expect(read.join()).not.toContain('*');
    const reading = statements(agent).filter(({ Action }) => [Action].flat().includes('secretsmanager:GetSecretValue'));
    expect(reading).toHaveLength(1);
  });

  test('decrypts with the KMS keys of both, each named once', () => {
    const [ofModel, ofWeather] = keyArns;
    const two = synthesize({ encryptionKeyArn: ofModel, weather: { ...weather, encryptionKeyArn: ofWeather } });
    expect(resources('DecryptApiKeySecret', two.agent)).toEqual(keyArns);
    const shared = synthesize({ encryptionKeyArn: ofModel, weather: { ...weather, encryptionKeyArn: ofModel } });
    expect(resources('DecryptApiKeySecret', shared.agent)).toEqual([ofModel]);
    const onlyWeather = synthesize({ weather: { ...weather, encryptionKeyArn: ofWeather } });
    expect(resources('DecryptApiKeySecret', onlyWeather.agent)).toEqual([ofWeather]);
  });

  test('changes with either secret, so that neither cdk nor CloudFormation skips the update', () => {
    const described = (settings: Record<string, unknown>) =>
      Object.values(synthesize(settings).agent.findResources('AWS::IAM::Role')).map(
        ({ Properties }) => Properties.Description as string,
      )[0] ?? '';
    const long = (character: string) => character.repeat(500);
    const all = [
      described({ weather }),
      described({ weather: { secret: 'team/weather-2' } }),
      described({ secret: 'team/openai-2', weather }),
      described({ secret: long('a'), weather: { secret: long('b') } }),
      described({ secret: long('a'), weather: { secret: long('c') } }),
    ];
    expect(new Set(all).size).toBe(all.length);
    for (const description of all) expect(description.length).toBeLessThanOrEqual(1000);
  });
});

describe('the handlers of the two providers', () => {
  const functions = Object.values(identity.findResources('AWS::Lambda::Function')) as CfnResource[];

  test('have names that do not collide, and are the same code', () => {
    expect(new Set(functions.map(({ Properties }) => Properties.FunctionName)).size).toBe(2);
    expect(new Set(functions.map(({ Properties }) => JSON.stringify(Properties.Code))).size).toBe(1);
  });

  test('each serve one provider and read one secret: what goes wrong with one does not reach the other', () => {
    const checks = statements(identity).filter(({ Sid }) => Sid === 'CheckSecret');
    expect(checks.map(({ Resource }) => text(Resource).replace(/^.*:secret:/, '')).sort()).toEqual([
      'team/openai-??????',
      'team/weather-??????',
    ]);
    const tokens = providers.map(([, { Properties }]) => JSON.stringify(Properties.ServiceToken));
    expect(new Set(tokens).size).toBe(2);
    identity.resourceCountIs('AWS::Events::Rule', 2);
    identity.resourceCountIs('AWS::SQS::Queue', 2);
    identity.resourceCountIs('AWS::CloudWatch::Alarm', 2);
  });

  test('each hear from the agent stack which provider is in use, by their own function and owner', () => {
    const inUse = Object.values(agent.findResources('Custom::CredentialProviderInUse')) as CfnResource[];
    const told = inUse.map(({ Properties }) => [Properties.CredentialProviderName, Properties.OwnerLogicalId]);
    expect(told.sort()).toEqual(
      [modelProvider, weatherProvider].map((provider) => [nameOf(provider), provider[0]]).sort(),
    );
    expect(new Set(inUse.map(({ Properties }) => text(Properties.ServiceToken))).size).toBe(2);
    for (const { DeletionPolicy, DependsOn } of inUse) {
      expect(DeletionPolicy).toBe('Retain');
      expect(DependsOn?.join()).toMatch(/Runtime/);
    }
  });

  test('in production both run one at a time, keep their provider, and tell the topic', () => {
    const topicArn = 'arn:aws:sns:us-east-1:111122223333:on-call';
    const { identity: production } = synthesize({ weather, production: true, alarms: { topicArn } });
    const all = (type: string) => Object.values(production.findResources(type)) as CfnResource[];
    expect(all('AWS::Lambda::Function').map(({ Properties }) => Properties.ReservedConcurrentExecutions)).toEqual([
      1, 1,
    ]);
    expect(all('Custom::ApiKeyCredentialProvider').map(({ Properties }) => Properties.OnDelete)).toEqual([
      'Retain',
      'Retain',
    ]);
    expect(all('AWS::CloudWatch::Alarm').map(({ Properties }) => Properties.AlarmActions)).toEqual([
      [topicArn],
      [topicArn],
    ]);
  });
});

describe('a weather secret of another account', () => {
  test('has a tag of its own on the roles that read it, beside that of the model’s', () => {
    const secretOf = (name: string) => `arn:aws:secretsmanager:eu-central-1:444455556666:secret:${name}-AbCdEf`;
    const encryptionKeyArn = 'arn:aws:kms:eu-central-1:444455556666:key/1';
    const { agent: shared } = synthesize({
      account: '111122223333',
      region: 'eu-central-1',
      secret: secretOf('openai'),
      encryptionKeyArn,
      weather: { secret: secretOf('weather'), encryptionKeyArn },
    });
    const roles = Object.values(shared.findResources('AWS::IAM::Role')) as CfnResource[];
    const keys = roles.flatMap(({ Properties }) => (Properties.Tags ?? []) as { Key: string }[]).map(({ Key }) => Key);
    expect(keys.filter((key) => key.startsWith('outbound-auth:reads-secret-of:'))).toHaveLength(2);
  });
});

describe('the permissions boundary of an environment with a weather service', () => {
  const place = { account: '111122223333', region: 'us-east-1', qualifier: 'hnb659fds' };
  const boundaryOf = (settings: object) => {
    const [environment] = readEnvironments({ dev: { secret: 'team/openai', ...settings } });
    if (!environment) throw new Error('no environment');
    return permissionsBoundary(environment, place);
  };
  const of = (sid: string, settings: object) =>
    boundaryOf(settings)
      .Statement.find(({ Sid }) => Sid === sid)
      ?.Resource?.join('\n') ?? '';

  test('covers both providers and both secrets, and without one the model’s only', () => {
    for (const sid of ['GetApiKey', 'ManageCredentialProvider', 'OwnCredentialProvider']) {
      expect(of(sid, { weather })).toMatch(/outbound-auth-dev-openai-\?{6}(.|\n)*outbound-auth-dev-weather-\?{6}/);
      expect(of(sid, {})).not.toContain('weather');
    }
    expect(of('ReadSecret', { weather })).toMatch(/team\/openai-\?{6}\n.*team\/weather-\?{6}$/);
  });

  test('lets AgentCore keep a copy of that key only that is copied', () => {
    const copied = { weather: { ...weather, source: 'copy', credentialProviderName: 'wetter' } };
    for (const sid of ['ReadCopy', 'ManageCopy']) {
      expect(of(sid, copied)).toMatch(/^\S*apikey\/wetter-\?{6}$/);
      expect(of(sid, { weather })).toBe('');
    }
  });

  test('fits into a managed policy, where one of the keys is copied', () => {
    const encryptionKeyArn = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const copied = { weather: { ...weather, source: 'copy', encryptionKeyArn }, encryptionKeyArn };
    expect(JSON.stringify(boundaryOf(copied)).length).toBeLessThanOrEqual(6144);
  });
});
