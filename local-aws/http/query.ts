import { notSupported } from '../errors.ts';
import type { Operation, Service } from '../service.ts';
import type { HttpRequest, HttpResponse } from './message.ts';
import { renderXml, type XmlValue } from './xml.ts';

/** An input of the query protocol: lists are arrays, structures objects, and every leaf is a string. */
export type QueryValue = string | QueryValue[] | { [name: string]: QueryValue };

/** A service of the AWS query protocol: a form goes in (`Action=…`), XML comes out. */
export function queryService(definition: {
  signingName: string;
  title: string;
  xmlNamespace: string;
  operations: Record<string, Operation>;
}): Service {
  const { signingName, title, xmlNamespace, operations } = definition;
  const operationOf = (request: HttpRequest) => parameters(request).get('Action') ?? undefined;
  return {
    signingName,
    title,
    operationOf,
    async handle(call) {
      const form = parameters(call.request);
      const name = form.get('Action') ?? undefined;
      const operation = name !== undefined && Object.hasOwn(operations, name) ? operations[name] : undefined;
      if (!operation) throw notSupported(`${title}: ${name ?? 'a request without Action'}`);
      const output = ((await operation(nest(form), call)) ?? {}) as XmlValue;
      const result = `<${name}Result>${renderXml(output)}</${name}Result>`;
      return xml(
        200,
        `<${name}Response xmlns="${xmlNamespace}">${result}${renderXml({ ResponseMetadata: { RequestId: call.requestId } })}</${name}Response>`,
        call.requestId,
      );
    },
    renderError: (error, requestId) => renderQueryError(xmlNamespace, error, requestId),
  };
}

/** An error in the shape of the query protocol. */
export function renderQueryError(
  xmlNamespace: string,
  { code, message, status }: { code: string; message: string; status: number },
  requestId: string,
): HttpResponse {
  const error = { Type: status < 500 ? 'Sender' : 'Receiver', Code: queryCodes[code] ?? code, Message: message };
  const content = renderXml({ Error: error, RequestId: requestId });
  return xml(status, `<ErrorResponse xmlns="${xmlNamespace}">${content}</ErrorResponse>`, requestId);
}

/** Errors that the query protocol calls by another name than the JSON protocols. */
const queryCodes: Record<string, string> = {
  AccessDeniedException: 'AccessDenied',
  ExpiredTokenException: 'ExpiredToken',
};

function xml(status: number, body: string, requestId: string): HttpResponse {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}

function parameters({ method, query, body }: HttpRequest): URLSearchParams {
  return method === 'GET' ? query : new URLSearchParams(body.toString('utf8'));
}

/** Turns `Tags.member.1.Key=a` into `{Tags: [{Key: 'a'}]}`; an empty list arrives as `Tags=`, and stays an empty string. */
function nest(form: URLSearchParams): { [name: string]: QueryValue } {
  const root = structure();
  for (const [key, value] of form) {
    if (key === 'Action' || key === 'Version') continue;
    const path = key.split('.');
    let node = root;
    for (const part of path.slice(0, -1)) {
      const next = node[part];
      node = node[part] = typeof next === 'object' && !Array.isArray(next) ? next : structure();
    }
    node[path.at(-1) as string] = value;
  }
  return lists(root) as { [name: string]: QueryValue };
}

// Without a prototype: a parameter may be named "__proto__.x".
function structure(): { [name: string]: QueryValue } {
  return Object.create(null);
}

function lists(value: QueryValue): QueryValue {
  if (typeof value === 'string' || Array.isArray(value)) return value;
  const { member } = value;
  if (typeof member === 'object' && !Array.isArray(member)) {
    return Object.keys(member)
      .sort((a, b) => Number(a) - Number(b))
      .map((index) => lists(member[index] as QueryValue));
  }
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, lists(child)]));
}
