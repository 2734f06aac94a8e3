import type { Exchange } from '../../../local-aws/observation.ts';
import { type Material, material } from './material.ts';
import type { ModelRequest } from './model-front.ts';
import type { AllowedId } from './places.ts';

/** Begins the errors that the canary has AWS answer with the key in them. */
export const quoteMarker = 'The canary made this error quote';

interface Cut {
  readonly field: AllowedId;
  readonly value: Material;
}

/** A request and its answer, without the fields that are made for the key; they are beside them. */
export interface CutMessage {
  readonly request: Material;
  readonly response: Material;
  readonly cut: readonly Cut[];
}

/** The one field of a request, or of an answer, that is made for the key. */
const fields: Readonly<Record<string, { side: 'request' | 'response'; name: string; field: AllowedId }>> = {
  CreateSecret: { side: 'request', name: 'SecretString', field: 'storedSecret' },
  PutSecretValue: { side: 'request', name: 'SecretString', field: 'storedSecret' },
  GetSecretValue: { side: 'response', name: 'SecretString', field: 'readSecret' },
  CreateApiKeyCredentialProvider: { side: 'request', name: 'apiKey', field: 'providerKey' },
  UpdateApiKeyCredentialProvider: { side: 'request', name: 'apiKey', field: 'providerKey' },
  GetResourceApiKey: { side: 'response', name: 'apiKey', field: 'resourceKey' },
};

/** @param operation as the journal calls it */
export function cutExchange({ request, response }: Exchange, operation: string): CutMessage {
  const made = fields[operation];
  const [requestBody, requestCut] = take(request.body, made?.side === 'request' ? made.name : undefined);
  const quotes = response.body.includes(quoteMarker);
  const name = quotes ? 'message' : made?.side === 'response' ? made.name : undefined;
  const [responseBody, responseCut] = take(response.body, name);
  const head = `${request.method} ${request.path}?${request.query}`;
  const cut = [
    ...(made && requestCut !== undefined ? [{ field: made.field, value: material(operation, requestCut) }] : []),
    ...(responseCut === undefined
      ? []
      : [
          {
            field: quotes ? ('quotedByAws' as const) : (made?.field ?? 'quotedByAws'),
            value: material(operation, responseCut),
          },
        ]),
  ];
  return {
    request: joined(`request ${operation}`, `${head}\n${JSON.stringify(request.headers)}\n${operation}\n`, requestBody),
    response: joined(
      `answer of ${operation}`,
      `${response.status}\n${JSON.stringify(response.headers)}\n`,
      responseBody,
    ),
    cut,
  };
}

/** A request to the model, without the header that is made for the key. */
export function cutModelRequest({ method, url, headers, body }: ModelRequest): {
  rest: Material;
  authorization: Material;
} {
  const { authorization, ...others } = headers;
  return {
    rest: joined('request to the model', `${method} ${url}\n${JSON.stringify(others)}\n`, body),
    authorization: material('Authorization', authorization ?? ''),
  };
}

/** Takes one field out of a JSON body. */
function take(body: Buffer, name: string | undefined): [rest: Buffer, taken: string | undefined] {
  if (name === undefined || body.length === 0) return [body, undefined];
  const { [name]: taken, ...rest } = JSON.parse(body.toString()) as Record<string, unknown>;
  return typeof taken === 'string' ? [Buffer.from(JSON.stringify(rest)), taken] : [body, undefined];
}

function joined(where: string, head: string, body: Buffer): Material {
  return { where, bytes: Buffer.concat([Buffer.from(head), body]) };
}
