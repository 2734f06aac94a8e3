import type { Environment } from '../environments/index.ts';
import { type CredentialOfAgent, credentialsOf, providerName } from '../outbound-credentials.ts';
import { stackName } from '../stack-name.ts';

/** CloudFormation cuts the stack's name where the name that it makes would be too long; people saw 24 characters kept. */
const kept = 24;

/**
 * What the names begin with that CloudFormation makes for an environment's resources, as a pattern. Environments whose
 * names begin with the same ten characters share it.
 */
export function generatedNames(environment: Pick<Environment, 'name'>): string {
  const prefix = stackName(environment, 'identity').replace(/identity$/, '');
  return `${prefix.slice(0, kept)}*`;
}

/** A key of the environment, with the names that its credential provider may have, as a pattern. */
export interface NamedCredential extends CredentialOfAgent {
  readonly providerPattern: string;
}

export function namedCredentials(environment: Environment): NamedCredential[] {
  return credentialsOf(environment).map((credential) => ({
    ...credential,
    // The default name ends with a hash of the source.
    providerPattern: providerName(environment, credential, '??????'),
  }));
}

/** The workload identity for callers without a user. */
export function ownIdentity({ name }: Pick<Environment, 'name'>): string {
  return `outbound-auth-${name}`;
}
