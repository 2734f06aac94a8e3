import { environmentVariables } from '../agent/src/settings.ts';
import type { ApiKeyCredentialProvider } from './credential-provider/api-key-credential-provider.ts';
import { CredentialSource, suffixOf } from './credential-provider/credential-source.ts';
import type { CredentialSettings, Environment } from './environments/index.ts';

/** One key that the agent calls out with: where it comes from, and what it is known by. */
export interface CredentialOfAgent extends CredentialSettings {
  /** Who takes the key: a part of the default name of the credential provider. */
  readonly service: string;
  /** In front of the ids of its constructs and outputs. The model's has none: it was there first. */
  readonly idPrefix: '' | `${Capitalize<string>}`;
  /** What stands before the names of its settings in cdk.json. */
  readonly setting: '' | `${string}.`;
  /** Environment variable by which the agent learns the name of the credential provider. */
  readonly variable: string;
}

/** The same with the credential provider that holds it. */
export interface DeployedCredential extends CredentialOfAgent {
  readonly provider: ApiKeyCredentialProvider;
}

const ofModel = {
  service: 'openai',
  idPrefix: '',
  setting: '',
  variable: environmentVariables.credentialProviderName,
} as const;
const ofWeather = {
  service: 'weather',
  idPrefix: 'Weather',
  setting: 'weather.',
  variable: environmentVariables.weatherCredentialProviderName,
} as const;

/** The keys that an agent may have, for those who find one deployed and know no settings. */
export const kindsOfCredentials = [ofModel, ofWeather] as const;

/**
 * Every key of an environment's agent, its model's first. The stacks, the policies and what the checks accept follow this
 * list: the key of another tool is an entry here, its setting, and the variable that the agent reads.
 */
export function credentialsOf(environment: Environment): CredentialOfAgent[] {
  const { weather } = environment;
  return [{ ...environment, ...ofModel }, ...(weather ? [{ ...weather, ...ofWeather }] : [])];
}

/**
 * The name of a credential provider.
 *
 * @param suffix what the default ends with: six characters that change with the source, or a pattern for them
 */
export function providerName(
  { name }: Pick<Environment, 'name'>,
  { credentialProviderName, service }: CredentialOfAgent,
  suffix: string,
): string {
  return credentialProviderName ?? `outbound-auth-${name}-${service}-${suffix}`;
}

/** The name of a credential provider as it is deployed. */
export function deployedProviderName(environment: Pick<Environment, 'name'>, credential: CredentialOfAgent): string {
  return providerName(environment, credential, suffixOf(credentialSource(credential)));
}

/** Where a key comes from, as its settings say it. */
export function credentialSource({
  source,
  secret,
  secretJsonKey,
  encryptionKeyArn,
}: CredentialSettings): CredentialSource {
  return CredentialSource[source](secret, {
    ...(secretJsonKey !== undefined && { jsonKey: secretJsonKey }),
    ...(encryptionKeyArn !== undefined && { encryptionKeyArn }),
  });
}
