import { notSupported } from '../../errors.ts';
import { isObject } from './template.ts';

const reference = /\{\{resolve:([a-z-]+):([^{}]+)\}\}/g;

/** Replaces every text in a value. */
export function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, mapTexts(child, map)]));
}

/**
 * Resolves `{{resolve:ssm:NAME}}`. Those of Secrets Manager stay as they are: see `resolveSecrets`.
 *
 * @throws AwsError for a reference that local-aws does not know
 */
export function resolveParameterReferences(
  value: unknown,
  parameterStore: (name: string, version: string | undefined) => string,
): unknown {
  return mapTexts(value, (text) =>
    text.replace(reference, (whole, service: string, rest: string) => {
      if (service === 'secretsmanager') return whole;
      if (service !== 'ssm') throw notSupported(`the dynamic reference {{resolve:${service}:…}}`);
      const [, name, version] = /^(.*?)(?::(\d+))?$/.exec(rest) as RegExpExecArray;
      return parameterStore(name as string, version);
    }),
  );
}

/** What a reference to Secrets Manager asks for. */
export interface SecretReference {
  readonly secretId: string;
  readonly jsonKey?: string;
  readonly versionStage?: string;
  readonly versionId?: string;
}

/**
 * Puts the values of secrets in the place of `{{resolve:secretsmanager:…}}`. For the call of a resource provider only:
 * what this returns is kept nowhere.
 */
export function resolveSecrets(value: unknown, secret: (reference: SecretReference) => string): unknown {
  return mapTexts(value, (text) =>
    text.replace(reference, (whole, service: string, rest: string) =>
      service === 'secretsmanager' ? secret(parseSecretReference(rest)) : whole,
    ),
  );
}

/** `SECRET-ID:SecretString:JSON-KEY:VERSION-STAGE:VERSION-ID`, where the id may be an ARN and the rest may be missing. */
function parseSecretReference(rest: string): SecretReference {
  const parts = rest.split(':');
  const idLength = parts[0] === 'arn' ? 7 : 1;
  const [kind, jsonKey, versionStage, versionId] = parts.slice(idLength);
  if (kind !== undefined && kind !== '' && kind !== 'SecretString') {
    throw notSupported(`the dynamic reference to ${kind} of a secret`);
  }
  return {
    secretId: parts.slice(0, idLength).join(':'),
    ...(jsonKey ? { jsonKey } : {}),
    ...(versionStage ? { versionStage } : {}),
    ...(versionId ? { versionId } : {}),
  };
}
