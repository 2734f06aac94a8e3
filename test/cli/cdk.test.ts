import { ownCdkEnvironment } from '../../cli/cdk.ts';

const formerVariables = process.env;
afterEach(() => {
  process.env = formerVariables;
});

test('cdk works where the command does: it knows more ways to a Region and an account than the SDK', () => {
  process.env = {
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-west-2',
    AWS_PROFILE: 'dev',
    AWS_DEFAULT_PROFILE: 'prod',
    AMAZON_REGION: 'us-west-1',
    AMAZON_ACCESS_KEY_ID: 'AKIA',
    CDK_DOCKER: 'podman',
  };
  expect(ownCdkEnvironment(undefined, 'eu-central-1')).toEqual({
    PATH: expect.stringContaining('node_modules/.bin'),
    AWS_REGION: 'eu-central-1',
    AWS_DEFAULT_REGION: 'eu-central-1',
    AWS_PROFILE: 'dev',
    CDK_DOCKER: 'podman',
  });
});

test.each(['OPENAI_API_KEY', 'AZURE_OPENAI_API_KEY', 'WEATHER_API_KEY'])('%s stays here', (variable) => {
  process.env = { [variable]: 'sk-0123456789' };
  expect(JSON.stringify(ownCdkEnvironment('http://127.0.0.1:4566', 'us-east-1'))).not.toContain('sk-0123456789');
});
