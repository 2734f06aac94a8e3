export {
  ApiKeyCredentialProvider,
  type ApiKeyCredentialProviderProps,
} from './credential-provider/api-key-credential-provider.ts';
export type { GrantUseOptions, IApiKeyCredentialProvider } from './credential-provider/credential-provider-base.ts';
export {
  CredentialProviderInUse,
  type CredentialProviderInUseProps,
  type OwnedCredentialProvider,
  type PinnedCredentialProvider,
} from './credential-provider/credential-provider-in-use.ts';
export { CredentialSource, type CredentialSourceOptions } from './credential-provider/credential-source.ts';
export type { ApiKeyCredentialProviderAttributes } from './credential-provider/imported-credential-provider.ts';
export type { OutboundCredential } from './credential-provider/use-statements.ts';
export { SettingsError } from './settings-error.ts';
