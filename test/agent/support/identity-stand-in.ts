import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHttpServer } from './http-server.ts';

export interface KeyRequest {
  readonly workloadIdentityToken: string;
  readonly resourceCredentialProviderName: string;
}

export interface IdentityError {
  readonly status: number;
  readonly name: string;
  readonly message: string;
}

/** AgentCore Identity, as far as `GetResourceApiKey` and `GetWorkloadAccessToken` go. */
export async function startIdentityStandIn(key: string) {
  const standIn = {
    url: '',
    /** What the secret holds now. */
    key,
    /** What the secrets of further credential providers hold, by provider. */
    otherKeys: {} as Record<string, string>,
    /** Answered instead of the key, while it is set. */
    error: undefined as IdentityError | undefined,
    /** The same for one credential provider only. */
    errors: {} as Record<string, IdentityError>,
    /** In milliseconds. */
    delay: 0,
    requests: [] as KeyRequest[],
    /** Workload access token that is given out, and the only one of its kind that is taken. */
    ownToken: 'own-token-1',
    /** Answered instead of the token, while it is set. */
    tokenError: undefined as IdentityError | undefined,
    /** The workload identities that a token was asked for. */
    tokenRequests: [] as string[],
    close: async () => {},
  };
  const server = await startHttpServer(async (request, response) => {
    const body = await json(request);
    const reply = (answer: object, error: IdentityError | undefined) => {
      response.writeHead(error?.status ?? 200, {
        'content-type': 'application/json',
        ...(error && { 'x-amzn-errortype': error.name }),
      });
      response.end(JSON.stringify(error ? { message: error.message } : answer));
    };
    if (request.url === '/identities/GetWorkloadAccessToken') {
      standIn.tokenRequests.push((body as { workloadName: string }).workloadName);
      return reply({ workloadAccessToken: standIn.ownToken }, standIn.tokenError);
    }
    const keyRequest = body as KeyRequest;
    standIn.requests.push(keyRequest);
    await sleep(standIn.delay, undefined, { ref: false });
    const { workloadIdentityToken: token, resourceCredentialProviderName: provider } = keyRequest;
    const expired = token.startsWith('own-token') && token !== standIn.ownToken;
    reply(
      { apiKey: standIn.otherKeys[provider] ?? standIn.key },
      expired
        ? { status: 401, name: 'UnauthorizedException', message: 'Expired.' }
        : (standIn.errors[provider] ?? standIn.error),
    );
  });
  return Object.assign(standIn, server);
}
