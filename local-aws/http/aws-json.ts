import { notSupported } from '../errors.ts';
import type { Operation, Service } from '../service.ts';
import { parseJson, renderJsonError } from './json.ts';
import type { HttpRequest } from './message.ts';

const contentType = 'application/x-amz-json-1.1';

/**
 * A service of the AWS JSON protocol: the operation is in the header `X-Amz-Target`, input and output are JSON with
 * times in seconds since 1970.
 */
export function awsJsonService(definition: {
  signingName: string;
  title: string;
  operations: Record<string, Operation>;
}): Service {
  const { signingName, title, operations } = definition;
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
    renderError: ({ code, message }, requestId) =>
      renderJsonError(contentType, { code, message, status: 400 }, requestId),
  };
}

// JSON.stringify has already called Date's toJSON when the replacer runs, so the original is read from its holder.
function secondsSince1970(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key];
  return original instanceof Date ? original.getTime() / 1000 : value;
}
