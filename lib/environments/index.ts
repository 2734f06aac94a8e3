export type { CredentialSettings } from './credential.ts';
export type { Environment } from './environment.ts';
export { resolveFiles } from './files.ts';
export { readEnvironments } from './read-environments.ts';
