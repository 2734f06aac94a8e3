import { locationOf } from '../../lib/credential-provider/secret-id.ts';

/** A secret as the settings of an environment name it, and where a mere name is looked for. */
export interface NamedSecret {
  /** Name, or ARN with or without the six characters that AWS adds. */
  readonly secret: string;
  readonly account: string;
  readonly region: string;
}

/** Whether both may name one secret. An ARN may end like a complete one by chance: then it is taken for both. */
export function isSameSecret(one: NamedSecret, other: NamedSecret): boolean {
  const [here, there] = [one, other].map(placeOf);
  if (here !== there) return false;
  const names = new Set(namesOf(one));
  return namesOf(other).some((name) => names.has(name));
}

function placeOf({ secret, account, region }: NamedSecret): string {
  const at = locationOf(secret) ?? { account, region };
  return `${at.account} ${at.region}`;
}

function namesOf({ secret }: NamedSecret): string[] {
  if (!secret.startsWith('arn:')) return [secret];
  const name = secret.slice(secret.lastIndexOf(':') + 1);
  return [name, name.replace(/-[a-zA-Z0-9]{6}$/, '')];
}
