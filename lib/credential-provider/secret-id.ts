import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

const arnOfSecret = /^arn:[\w-]+:secretsmanager:(?<region>[^:]+):(?<account>[^:]+):secret:(?<name>[^:]+)$/;
const suffix = /-[a-zA-Z0-9]{6}$/;

/** Whether a text that names something is a key instead, pasted by mistake. */
export const looksLikeApiKey = (text: string) => /^sk-/.test(text);

/**
 * Words for what is wrong with a text that is to name a secret; undefined when nothing is. Patterns would grant more than
 * one secret, and a key that was pasted by mistake would land in the template. What is not known before the deployment
 * cannot be checked.
 */
export function problemOfSecretId(secretId: string): string | undefined {
  if (Token.isUnresolved(secretId)) return undefined;
  if (looksLikeApiKey(secretId)) return 'looks like an API key: give the name of the secret that holds it';
  const isSecretId = /^(arn:aws[\w-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:)?[\w/+=.@-]{1,512}$/.test(secretId);
  return isSecretId ? undefined : 'must be the name or the ARN of a secret, without wildcards';
}

/** What an ARN says of a secret; undefined for a name, and for an ARN that is not known before the deployment. */
export interface SecretLocation {
  readonly region: string;
  readonly account: string;
  /** Whether it ends as complete ARNs do. A partial one may end so by chance: `…:secret:team-openai`. */
  readonly mayBeComplete: boolean;
}

/** @param secretId name or ARN of a secret */
export function locationOf(secretId: string): SecretLocation | undefined {
  const { region, account, name } = arnOfSecret.exec(secretId)?.groups ?? {};
  return region && account && name ? { region, account, mayBeComplete: suffix.test(name) } : undefined;
}

/**
 * The narrowest IAM patterns that are known before the secret was looked up. Whether an ARN is complete cannot be told
 * from it.
 */
export function secretArnPatterns(scope: Construct, secretId: string, isCompleteArn: boolean): string[] {
  if (isCompleteArn) return [secretId];
  if (secretId.startsWith('arn:')) return [secretId, `${secretId}-??????`];
  return [`${partialArn(scope, secretId)}-??????`];
}

/**
 * Every way in which a call may name the secret, beside its complete ARN, which only the deployment knows. One too many
 * costs a refresh that changes nothing.
 */
export function waysToName(scope: Construct, secretId: string, secretName = secretId): string[] {
  const names = [secretName, arnOfSecret.exec(secretId)?.groups?.name ?? secretName]
    .filter((name) => !name.startsWith('arn:'))
    .flatMap((name) => (!Token.isUnresolved(name) && suffix.test(name) ? [name, name.replace(suffix, '')] : [name]));
  const arns = secretId.startsWith('arn:')
    ? [secretId, secretId.replace(suffix, '')]
    : names.map((name) => partialArn(scope, name));
  return [...new Set([...names, ...arns])];
}

function partialArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
