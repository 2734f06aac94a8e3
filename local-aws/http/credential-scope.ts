import { AwsError } from '../errors.ts';
import type { HttpRequest } from './message.ts';

/** What a Signature Version 4 request says of itself. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  /** The signing name, for example `secretsmanager`. */
  readonly service: string;
  readonly sessionToken?: string;
}

/**
 * Reads who signed a request and for which service and Region.
 *
 * @throws AwsError MissingAuthenticationToken for a request that is not signed, IncompleteSignature for one whose scope
 * cannot be read. The signature itself is not checked: the access key id alone says who calls.
 */
export function readCredentialScope({ headers, query }: HttpRequest): CredentialScope {
  const authorization = headers.authorization;
  const credential = authorization
    ? /Credential=([^,\s]+)/.exec(authorization)?.[1]
    : (query.get('X-Amz-Credential') ?? undefined);
  if (credential === undefined) {
    throw authorization
      ? new AwsError(
          'IncompleteSignature',
          'The Authorization header has no Credential: sign with Signature Version 4.',
          400,
        )
      : new AwsError(
          'MissingAuthenticationToken',
          'The request is not signed: pass AWS credentials (any will do).',
          403,
        );
  }
  const [accessKeyId, date, region, service, terminator] = credential.split('/');
  if (!accessKeyId || !date || !region || !service || terminator !== 'aws4_request') {
    throw new AwsError(
      'IncompleteSignature',
      `The credential scope "${credential}" is not KEY/DATE/REGION/SERVICE/aws4_request.`,
      400,
    );
  }
  const sessionToken = headers['x-amz-security-token'] ?? query.get('X-Amz-Security-Token') ?? undefined;
  return { accessKeyId, region, service, ...(sessionToken ? { sessionToken } : {}) };
}
