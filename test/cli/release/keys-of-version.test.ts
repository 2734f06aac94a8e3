import { noteOfNewerVersion } from '../../../cli/invoke/newer-version.ts';
import { keysOfVersion, liveBecomesFormer } from '../../../cli/release/keys-of-version.ts';

const secretArn = (name: string) => `arn:aws:secretsmanager:us-east-1:111122223333:secret:${name}-AbCdEf`;
const runtime = {
  secretOfProvider: async (name: string) => (name.startsWith('gone') ? undefined : secretArn(name)),
};

/** The parameters of a stack whose agent has these keys. */
const known = (...prefixes: ('' | 'Weather')[]) =>
  Object.fromEntries(
    ['Live', 'FormerLive'].flatMap((which) => [
      [`${which}Version`, ''],
      ...prefixes.flatMap((prefix) => [
        [`${which}${prefix}CredentialProviderName`, ''],
        [`${which}${prefix}CredentialSourceArn`, ''],
      ]),
    ]),
  ) as Record<string, string>;

const version = (variables: Record<string, string>) => ({ version: '3', variables });
const withWeather = { CREDENTIAL_PROVIDER_NAME: 'openai', WEATHER_CREDENTIAL_PROVIDER_NAME: 'weather' };

describe('what the stack is told of a version that becomes live', () => {
  test('is where it gets its key from, by its own variables', async () => {
    expect(await keysOfVersion(runtime, version({ CREDENTIAL_PROVIDER_NAME: 'openai' }), known(''))).toEqual({
      LiveCredentialProviderName: 'openai',
      LiveCredentialSourceArn: secretArn('openai'),
    });
  });

  test('is the same for each key that it has', async () => {
    expect(await keysOfVersion(runtime, version(withWeather), known('', 'Weather'))).toEqual({
      LiveCredentialProviderName: 'openai',
      LiveCredentialSourceArn: secretArn('openai'),
      LiveWeatherCredentialProviderName: 'weather',
      LiveWeatherCredentialSourceArn: secretArn('weather'),
    });
  });

  test('is nothing for a key that it had not yet: what was told of another version is taken back', async () => {
    const keys = await keysOfVersion(runtime, version({ CREDENTIAL_PROVIDER_NAME: 'openai' }), known('', 'Weather'));
    expect(keys).toMatchObject({ LiveWeatherCredentialProviderName: '', LiveWeatherCredentialSourceArn: '' });
  });

  test.each([
    [
      'whose provider is gone',
      { CREDENTIAL_PROVIDER_NAME: 'gone-openai' },
      'Version 3 gets its openai key from the credential provider gone-openai, which is gone: deploy the settings that it had once more, and release that.',
    ],
    [
      'with a key that the environment has no more',
      withWeather,
      'Version 3 has a weather key, and the environment as it is deployed has none: deploy the settings that it had once more, and release that.',
    ],
  ])('is nothing of a version %s: it is refused', async (_, variables, message) => {
    await expect(keysOfVersion(runtime, version(variables), known(''))).rejects.toMatchObject({
      name: 'UserError',
      message,
    });
  });

  test('goes over to the version before, whose sessions may be open', () => {
    const live = {
      LiveVersion: '2',
      LiveRuntimeName: 'outbound_auth_dev',
      LiveCredentialProviderName: 'openai',
      LiveCredentialSourceArn: secretArn('openai'),
    };
    expect(liveBecomesFormer({ ...known(''), ...live })).toEqual({
      FormerLiveVersion: '2',
      FormerLiveRuntimeName: 'outbound_auth_dev',
      FormerLiveCredentialProviderName: 'openai',
      FormerLiveCredentialSourceArn: secretArn('openai'),
    });
  });
});

describe('whoever asks live', () => {
  test('is told of a newer version, and how to ask and to release it', () => {
    expect(noteOfNewerVersion({ liveVersion: '1', newestVersion: '2' }, 'dev')).toBe(
      'Version 1 answers, which is live; the newest is 2: --qualifier DEFAULT asks that, npm run release -- --environment dev makes it live.',
    );
  });

  test.each([
    ['there is none', { liveVersion: '2', newestVersion: '2' }],
    ['nothing is live', { liveVersion: undefined, newestVersion: '2' }],
    ['the stack does not say', { liveVersion: '1', newestVersion: undefined }],
  ])('is told nothing where %s', (_, versions) => {
    expect(noteOfNewerVersion(versions, 'dev')).toBeUndefined();
  });
});
