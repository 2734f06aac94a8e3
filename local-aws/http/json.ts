import { AwsError } from '../errors.ts';
import type { HttpResponse } from './message.ts';

/** An error in the shape that both JSON protocols of AWS share. */
export function renderJsonError(
  contentType: string,
  error: { code: string; message: string; status: number },
  requestId: string,
): HttpResponse {
  // The query protocol's name of the same error is another one.
  const code = error.code === 'InvalidClientTokenId' ? 'UnrecognizedClientException' : error.code;
  return {
    status: error.status,
    headers: { 'content-type': contentType, 'x-amzn-errortype': code, 'x-amzn-requestid': requestId },
    body: JSON.stringify({ __type: code, message: error.message }),
  };
}

/**
 * The JSON object of a request body; no body is an empty object.
 *
 * @throws AwsError SerializationException
 */
export function parseJson(body: Buffer): object {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AwsError('SerializationException', 'The request body is not a JSON object.');
  }
  return value;
}
