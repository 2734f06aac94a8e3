import type { Aws } from './aws.ts';
import { AwsError, notSupported } from './errors.ts';
import { type CredentialScope, readCredentialScope } from './http/credential-scope.ts';
import type { HttpRequest, HttpResponse } from './http/message.ts';
import type { Handler } from './http/server.ts';
import { renderUnknownServiceError } from './http/unknown-service.ts';
import type { Principal } from './iam/principal.ts';
import { keepLast } from './keep-last.ts';
import type { Call, Service } from './service.ts';

const regionName = /^[a-z]{2}(-[a-z]+)+-\d$/;

/**
 * Brings each request to the service it is signed for, as the principal whose key signed it.
 *
 * @param onRegion told the Region of every request before the request is answered
 */
export function dispatcher(
  aws: Aws,
  services: readonly Service[],
  onRegion: (region: string) => void = () => {},
): Handler {
  const byName = new Map(services.map((service) => [service.signingName, service]));
  return async (request, requestId) => {
    const foreign = refuseBrowsers(request);
    if (foreign) return foreign;
    const internal = await internalRoute(aws, request);
    if (internal) return internal;

    let scope: CredentialScope | undefined;
    let service: Service | undefined;
    let caller: Principal | undefined;
    let response: HttpResponse;
    let failure: AwsError | undefined;
    try {
      scope = readCredentialScope(request);
      service = byName.get(scope.service);
      if (!service) throw notSupported(`the service "${scope.service}"`);
      if (regionName.test(scope.region)) onRegion(scope.region);
      caller = aws.iam.principalOf(scope.accessKeyId);
      const { handle, operationOf, signingName } = service;
      const call = callOf(aws, request, requestId, scope.region, caller);
      const operation = operationOf(request);
      response = await aws.faultInjection.run(signingName, operation, () =>
        aws.iam.during(call.caller, operation, () => handle(call)),
      );
    } catch (error) {
      failure = asAwsError(aws, error);
      response = service?.renderError(failure, requestId) ?? renderUnknownServiceError(request, failure, requestId);
    }
    keepLast(100_000, aws.journal).push({
      at: new Date(),
      requestId,
      service: scope?.service ?? 'unknown',
      operation: service?.operationOf(request) ?? `${request.method} ${request.path}`,
      region: scope?.region ?? 'unknown',
      caller,
      status: response.status,
      ...(failure ? { errorCode: failure.code, errorMessage: failure.message } : {}),
    });
    return response;
  };
}

const ownHost = /^([\w.-]+\.)?(localhost|127\.0\.0\.1)(:\d+)?$/i;

/**
 * A page in a browser on this machine must gain nothing here: not by a form or an image (which need no consent of ours),
 * and not by a name of its own that leads to 127.0.0.1. No AWS client sends any of these headers.
 */
function refuseBrowsers({ headers }: HttpRequest): HttpResponse | undefined {
  if (headers.origin === undefined && headers['sec-fetch-site'] === undefined && ownHost.test(headers.host ?? '')) {
    return undefined;
  }
  const body =
    'local-aws answers AWS clients on this machine, not browsers: use http://127.0.0.1:PORT as the endpoint.';
  return { status: 403, headers: { 'content-type': 'text/plain' }, body };
}

function callOf(aws: Aws, request: HttpRequest, requestId: string, region: string, caller: Principal): Call {
  return {
    region,
    caller,
    requestId,
    request,
    authorize: (action, resources, context) => aws.iam.authorize(caller, action, resources, context),
  };
}

async function internalRoute(aws: Aws, request: HttpRequest): Promise<HttpResponse | undefined> {
  const name = /^\/_local-aws\/([\w-]+)\//.exec(request.path)?.[1];
  const route = name === undefined ? undefined : aws.internalRoutes.get(name);
  if (!route) return undefined;
  try {
    return await route(request);
  } catch (error) {
    const { status, message } = asAwsError(aws, error);
    return { status, headers: { 'content-type': 'text/plain' }, body: message };
  }
}

function asAwsError(aws: Aws, error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  const fault = error instanceof Error ? error : new Error(String(error));
  aws.faults.push(fault);
  return new AwsError('LocalAwsFault', `local-aws has a bug: ${fault.message}`, 400);
}
