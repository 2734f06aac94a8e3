import type { IncomingMessage } from 'node:http';
import { InvocationError } from './invocation-error.ts';

/** In bytes. AgentCore Runtime allows 100 MB, which no prompt needs. */
export const maxBodyBytes = 1024 * 1024;

/**
 * Reads the body of a request, as UTF-8.
 *
 * @throws InvocationError PayloadTooLarge, as soon as that is certain; InvalidPayload if it is not UTF-8;
 *   ClientClosedRequest if the caller goes away before the end
 */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = Number(request.headers['content-length'] ?? 0);
  if (size > maxBodyBytes) throw tooLarge();
  size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > maxBodyBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof InvocationError) throw error;
    throw new InvocationError('ClientClosedRequest', 'The caller went away before the end of the payload.');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new InvocationError('InvalidPayload', 'The payload is not UTF-8 text.');
  }
}

function tooLarge(): InvocationError {
  return new InvocationError('PayloadTooLarge', `The payload is larger than ${maxBodyBytes / 1024 / 1024} MB.`);
}
