import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ApiKeyCredentialProvider, type ApiKeyCredentialProviderProps, CredentialSource } from '../../../lib/index.ts';
import { only, type Statement, text } from '../templates.ts';

export const env = { account: '111122223333', region: 'us-east-1' };
export const keyArn = 'arn:aws:kms:us-east-1:444455556666:key/1234';
export const base = 'arn:${AWS::Partition}:bedrock-agentcore:us-east-1:111122223333';
export const secretBase = 'arn:${AWS::Partition}:secretsmanager:us-east-1:111122223333:secret';
export const every = `${base}:token-vault/default/apikeycredentialprovider/*`;

export type Settings = Partial<ApiKeyCredentialProviderProps>;

/** A stack of somebody else's app, with our construct in it. */
export function stackWith(
  settings: Settings | ((stack: Stack) => Settings) = {},
  stackEnv: typeof env | 'not known' = env,
) {
  const stack = new Stack(new App(), 'theirs', stackEnv === 'not known' ? {} : { env: stackEnv });
  const props = typeof settings === 'function' ? settings(stack) : settings;
  const provider = new ApiKeyCredentialProvider(stack, 'Key', {
    credentialProviderName: 'openai',
    source: CredentialSource.reference('team/openai'),
    ...props,
  });
  return { stack, provider, template: () => Template.fromStack(stack) };
}

export const templateWith = (...args: Parameters<typeof stackWith>) => stackWith(...args).template();

export const propertiesWith = (...args: Parameters<typeof stackWith>) =>
  only(templateWith(...args), 'Custom::ApiKeyCredentialProvider').Properties;

export const resourcesOf = ({ Resource }: Statement) => [Resource].flat().map(text);
