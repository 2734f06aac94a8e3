export {
  ApiKeyCredentialProvider,
  type ApiKeyCredentialProviderProps,
  type GrantUseOptions,
} from './credential-provider/api-key-credential-provider.ts';
export {
  CredentialProviderInUse,
  type CredentialProviderInUseProps,
} from './credential-provider/credential-provider-in-use.ts';
export { CredentialSource, type CredentialSourceOptions } from './credential-provider/credential-source.ts';
export type { OutboundCredential } from './credential-provider/use-statements.ts';
export { SettingsError } from './settings-error.ts';
