import { renderJsonError } from './json.ts';
import type { HttpRequest, HttpResponse } from './message.ts';
import { renderQueryError } from './query.ts';

/** An error for a request that no service took: in the shape that the client's protocol seems to be. */
export function renderUnknownServiceError(
  { headers }: HttpRequest,
  error: { code: string; message: string; status: number },
  requestId: string,
): HttpResponse {
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded')
    ? renderQueryError('https://local-aws/', error, requestId)
    : renderJsonError('application/json', error, requestId);
}
