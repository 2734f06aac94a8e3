import { notSupported } from '../errors.ts';
import type { Operation, Service } from '../service.ts';
import type { HttpRequest } from './message.ts';
import { renderXml, type XmlValue } from './xml.ts';

/**
 * A service of EC2's query protocol: lists are `SubnetId.1=…` in the form and `<item>` in the answer, which has no
 * `Result` around it, and errors look different too.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
export function ec2QueryService(definition: {
  signingName: string;
  title: string;
  xmlNamespace: string;
  operations: Record<string, Operation>;
}): Service {
  const { signingName, title, xmlNamespace, operations } = definition;
  const operationOf = (request: HttpRequest) => formOf(request).get('Action') ?? undefined;
  return {
    signingName,
    title,
    operationOf,
    async handle(call) {
      const form = formOf(call.request);
      const name = form.get('Action') ?? undefined;
      const operation = name !== undefined && Object.hasOwn(operations, name) ? operations[name] : undefined;
      if (!operation) throw notSupported(`${title}: ${name ?? 'a request without Action'}`);
      const output = ((await operation(nest(form), call)) ?? {}) as XmlValue;
      const content = `${renderXml({ requestId: call.requestId })}${renderXml(output, 'item')}`;
      return xml(200, `<${name}Response xmlns="${xmlNamespace}">${content}</${name}Response>`);
    },
    renderError({ code, message, status }, requestId) {
      const Code = code === 'AccessDeniedException' ? 'UnauthorizedOperation' : code;
      const errors = renderXml({ Error: { Code, Message: message } });
      return xml(status, `<Response><Errors>${errors}</Errors><RequestID>${requestId}</RequestID></Response>`);
    },
  };
}

function xml(status: number, body: string) {
  return { status, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body };
}

function formOf({ method, query, body }: HttpRequest): URLSearchParams {
  return method === 'GET' ? query : new URLSearchParams(body.toString('utf8'));
}

type FormValue = string | FormValue[] | { [name: string]: FormValue };

/** Turns `Filter.1.Value.1=a` into `{Filter: [{Value: ['a']}]}`. */
function nest(form: URLSearchParams): FormValue {
  const root: { [name: string]: FormValue } = Object.create(null);
  for (const [key, value] of form) {
    if (key === 'Action' || key === 'Version') continue;
    const path = key.split('.');
    let node = root;
    for (const part of path.slice(0, -1)) {
      const next = node[part];
      node = node[part] = typeof next === 'object' && !Array.isArray(next) ? next : Object.create(null);
    }
    node[path.at(-1) as string] = value;
  }
  return lists(root);
}

function lists(value: FormValue): FormValue {
  if (typeof value === 'string' || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  if (entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name))) {
    return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => lists(child));
  }
  return Object.fromEntries(entries.map(([name, child]) => [name, lists(child)]));
}
