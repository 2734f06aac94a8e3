import type { IncomingMessage } from 'node:http';
import { InvocationError } from './invocation-error.ts';

/** In bytes. AgentCore Runtime allows 100 MB, which no prompt needs. */
export const maxBodyBytes = 1024 * 1024;

/**
 * Reads the body of a request, as UTF-8.
 *
 * @param timeoutMs how long it may take, in milliseconds
 * @throws InvocationError PayloadTooLarge, as soon as that is certain; InvalidPayload if it is compressed or not UTF-8;
 *   PayloadTimeout; ClientClosedRequest if the caller goes away before the end
 */
export async function readBody(request: IncomingMessage, timeoutMs: number): Promise<string> {
  // A megabyte of gzip can hold a gigabyte: nothing is unpacked.
  if (!/^(identity)?$/i.test(request.headers['content-encoding'] ?? '')) {
    throw new InvocationError('InvalidPayload', 'The payload is compressed: send it without Content-Encoding.');
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge();
  const body = await receive(request, timeoutMs);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new InvocationError('InvalidPayload', 'The payload is not UTF-8 text.');
  }
}

function receive(request: IncomingMessage, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => {
      refuse(new InvocationError('PayloadTimeout', `The payload was not there after ${timeoutMs / 1000} s.`));
    }, timeoutMs);
    const refuse = (error: InvocationError) => {
      clearTimeout(timer);
      request.pause();
      reject(error);
    };
    const gone = () =>
      refuse(new InvocationError('ClientClosedRequest', 'The caller went away before the end of the payload.'));
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBodyBytes) return refuse(tooLarge());
      chunks.push(chunk);
    });
    request.once('end', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    request.once('error', gone);
    request.once('close', gone);
  });
}

function tooLarge(): InvocationError {
  return new InvocationError('PayloadTooLarge', `The payload is larger than ${maxBodyBytes / 1024 / 1024} MB.`);
}
