import { json } from 'node:stream/consumers';
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

/** AgentCore Identity, as far as `GetResourceApiKey` goes. */
export async function startIdentityStandIn(key: string) {
  const standIn = {
    url: '',
    /** What the secret holds now. */
    key,
    /** Answered instead of the key, while it is set. */
    error: undefined as IdentityError | undefined,
    /** In milliseconds. */
    delay: 0,
    requests: [] as KeyRequest[],
    close: async () => {},
  };
  const server = await startHttpServer(async (request, response) => {
    standIn.requests.push((await json(request)) as KeyRequest);
    await new Promise((resolve) => setTimeout(resolve, standIn.delay));
    const { error } = standIn;
    response.writeHead(request.url === '/identities/api-key' ? (error?.status ?? 200) : 404, {
      'content-type': 'application/json',
      ...(error && { 'x-amzn-errortype': error.name }),
    });
    response.end(JSON.stringify(error ? { message: error.message } : { apiKey: standIn.key }));
  });
  return Object.assign(standIn, server);
}
