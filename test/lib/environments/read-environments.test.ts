import { readEnvironments } from '../../../lib/environments/index.ts';
import { settingRows } from './rows.ts';

const dev = { secret: 'team/openai' };

function messageFor(environments: unknown): string {
  try {
    readEnvironments(environments);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the environments were accepted');
}

describe('environments of cdk.json', () => {
  test('need only the secret: everything else has a default that follows from the name', () => {
    expect(readEnvironments({ 'team-a': dev })).toEqual([
      {
        name: 'team-a',
        secret: 'team/openai',
        source: 'reference',
        secretJsonKey: 'apiKey',
        adoptExisting: false,
        callersWithoutUser: false,
        runtimeName: 'outbound_auth_team_a',
        platformVersion: 'V2',
        artifact: 'container',
        model: { provider: 'openai', modelId: 'gpt-4.1-mini', api: 'chat' },
        tracing: 'off',
        production: false,
        tags: {},
        logRetentionDays: 30,
      },
    ]);
  });

  test('may have a weather service, whose key has settings of its own with the same defaults', () => {
    const [environment] = readEnvironments({ dev: { ...dev, weather: { secret: 'team/weather' } } });
    expect(environment?.weather).toEqual({
      secret: 'team/weather',
      source: 'reference',
      secretJsonKey: 'apiKey',
      adoptExisting: false,
      units: 'metric',
    });
    const [copy] = readEnvironments({ dev: { ...dev, weather: { secret: 'team/weather', source: 'copy' } } });
    expect(copy?.weather).not.toHaveProperty('secretJsonKey');
  });

  test('that copy the key take the whole secret', () => {
    const [copy] = readEnvironments({ dev: { ...dev, source: 'copy' } });
    expect(copy).not.toHaveProperty('secretJsonKey');
    const [jsonCopy] = readEnvironments({
      dev: { ...dev, source: 'copy', secretJsonKey: 'k', credentialProviderName: 'n' },
    });
    expect(jsonCopy).toMatchObject({ credentialProviderName: 'n', secretJsonKey: 'k' });
  });

  test('are taken as JSON text too, as cdk --context passes them', () => {
    expect(readEnvironments(JSON.stringify({ dev }))).toEqual(readEnvironments({ dev }));
  });

  test('keep what is set', () => {
    const [environment] = readEnvironments({
      dev: { ...dev, runtimeName: 'mine', openai: { modelId: 'gpt-4.1', baseUrl: 'https://proxy.example/v1' } },
    });
    expect(environment).toMatchObject({
      runtimeName: 'mine',
      model: { provider: 'openai', modelId: 'gpt-4.1', baseUrl: 'https://proxy.example/v1' },
    });
  });

  test('may ask Azure OpenAI instead of OpenAI', () => {
    const azure = { endpoint: 'https://my-team.openai.azure.com', deployment: 'my-mini' };
    expect(readEnvironments({ dev: { ...dev, azure } })[0]?.model).toEqual({
      provider: 'azure',
      api: 'chat',
      ...azure,
    });
    const versioned = { ...azure, apiVersion: '2024-10-21' };
    expect(readEnvironments({ dev: { ...dev, azure: versioned } })[0]?.model).toMatchObject(versioned);
  });

  test('may have the names of another environment where that is in another account or Region', () => {
    const named = { ...dev, runtimeName: 'mine', credentialProviderName: 'mine' };
    const environments = {
      here: { ...named, account: '111122223333', region: 'us-east-1' },
      elsewhere: { ...named, account: '111122223333', region: 'eu-central-1' },
      theirs: { ...named, account: '444455556666', region: 'us-east-1' },
    };
    expect(readEnvironments(environments)).toHaveLength(3);
  });

  test.each([
    ['permissionsBoundary', 'Boundary'],
    ['permissionsBoundary', 'platform/Boundary'],
    ['permissionsBoundary', 'arn:aws:iam::111122223333:policy/platform/Boundary'],
    ['permissionsBoundary', 'arn:aws:iam::aws:policy/PowerUserAccess'],
    ['rolePath', '/'],
    ['rolePath', '/team/outbound-auth/'],
  ])('take as %s: %s', (setting, value) => {
    expect(readEnvironments({ dev: { ...dev, [setting]: value } })[0]).toMatchObject({ [setting]: value });
  });
});

describe('a setting that is wrong gets one line that says which, and what is allowed', () => {
  test.each(settingRows)('%s', (_, environments, message) => {
    expect(messageFor(environments)).toBe(message);
  });

  test('and every wrong setting gets its line, not only the first', () => {
    expect(messageFor({ dev: { secret: 5, platformVersion: 'V3' } }).split('\n')).toHaveLength(2);
  });
});
