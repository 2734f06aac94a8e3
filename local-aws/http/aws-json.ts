import { notSupported } from '../errors.ts';
import type { Operation, Service } from '../service.ts';
import { parseJson, renderJsonError } from './json.ts';
import type { HttpRequest } from './message.ts';

/**
 * A service of the AWS JSON protocol: the operation is in the header `X-Amz-Target`, input and output are JSON with
 * times in seconds since 1970.
 *
 * @param definition `version` is that of the protocol, 1.1 unless given; `queryCodes` is for a service that spoke the
 * query protocol once: its SDKs go on to know these errors by the names of then
 */
export function awsJsonService(definition: {
  signingName: string;
  title: string;
  operations: Record<string, Operation>;
  version?: '1.0' | '1.1';
  queryCodes?: Readonly<Record<string, string>>;
}): Service {
  const { signingName, title, operations, version = '1.1', queryCodes } = definition;
  const contentType = `application/x-amz-json-${version}`;
  const operationOf = ({ headers }: HttpRequest) => headers['x-amz-target']?.split('.').at(-1);
  return {
    signingName,
    title,
    operationOf,
    async handle(call) {
      const name = operationOf(call.request);
      const operation = name !== undefined && Object.hasOwn(operations, name) ? operations[name] : undefined;
      if (!operation) throw notSupported(`${title}: ${name ?? 'a request without X-Amz-Target'}`);
      const output = (await operation(parseJson(call.request.body), call)) ?? {};
      return {
        status: 200,
        headers: { 'content-type': contentType, 'x-amzn-requestid': call.requestId },
        body: JSON.stringify(output, secondsSince1970),
      };
    },
    // This protocol knows one status for every error of the caller.
    renderError({ code, message, status: given }, requestId) {
      const status = given < 500 ? 400 : given;
      const response = renderJsonError(contentType, { code, message, status }, requestId);
      if (!queryCodes) return response;
      const queryError = `${queryCodes[code] ?? code};${status < 500 ? 'Sender' : 'Receiver'}`;
      return { ...response, headers: { ...response.headers, 'x-amzn-query-error': queryError } };
    },
  };
}

// JSON.stringify has already called Date's toJSON when the replacer runs, so the original is read from its holder.
function secondsSince1970(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key];
  return original instanceof Date ? original.getTime() / 1000 : value;
}
