import type { Script } from '../support/scripted-model.ts';
import { apiKey, atOnce, type Bound, between, type ExpectedError, error, type Fault, settings } from './fault.ts';

const refuses =
  (status: number, name: string, message = 'Words of AWS.'): Script =>
  (_request, response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': name })
      .end(JSON.stringify({ message }));
const gives =
  (body: string): Script =>
  (_request, response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(body);
const key = gives(JSON.stringify({ apiKey }));
const silence: Script = () => {};
const throttled = refuses(429, 'ThrottlingException', 'Rate exceeded');
const broken = refuses(500, 'InternalServerException');
const hangUp: Script = (request) => void request.socket.destroy();

const denied =
  'User: arn:aws:sts::123456789012:assumed-role/agent/session is not authorized to perform: bedrock-agentcore:GetResourceApiKey';
const unavailable = error(
  'ApiKeyUnavailable',
  503,
  true,
  /AgentCore Identity did not give the API key of credential provider "openai-test"\./,
);
const tooSlow = error('ApiKeyUnavailable', 503, true, /did not give the API key .* in 6 s\./);

/** The AWS SDK's own waits: up to 50 and 100 ms, or up to one and two seconds after a throttling. */
const twoRetries = between(0, 4000, '< 4 s');
const twoThrottledRetries = between(0, 6000, '< 6 s');
const identityTimeout = between(
  settings.identity * 1000 - 100,
  settings.identity * 1000 + 3000,
  '`IDENTITY_TIMEOUT_SECONDS`, then < 3 s',
);
/** The third of the time that one attempt has. */
const oneAttempt = between(1000, settings.identity * 1000 + 1000, 'a third of `IDENTITY_TIMEOUT_SECONDS`, then < 4 s');

function row(
  fault: string,
  scripts: Script | readonly Script[],
  outcome: ExpectedError | 'the answer',
  asked = 1,
  time: Bound = atOnce,
): Fault {
  return { fault, at: 'identity', scripts: [scripts].flat(), gives: outcome, asked, time };
}

export const identityFaults: readonly Fault[] = [
  {
    ...row(
      'no workload access token',
      [],
      error('WorkloadAccessTokenMissing', 401, false, /pass runtimeUserId to InvokeAgentRuntime/),
      0,
    ),
    withoutToken: true,
  },
  row(
    '401, the token is refused',
    refuses(401, 'UnauthorizedException'),
    error('WorkloadAccessTokenRejected', 401, true, /did not accept the workload access token/),
  ),
  row(
    '403, denied',
    refuses(403, 'AccessDeniedException', denied),
    error('ApiKeyAccessDenied', 403, false, /may not fetch the API key .* AWS says: User: arn:aws:sts/),
  ),
  row(
    '404, no such credential provider',
    refuses(404, 'ResourceNotFoundException'),
    error('CredentialProviderNotFound', 404, false, /There is no credential provider "openai-test"/),
  ),
  row(
    '400',
    refuses(400, 'ValidationException'),
    error('ApiKeyRequestRejected', 400, false, /rejected the request .* as invalid/),
  ),
  row('429 once, then well', [throttled, key], 'the answer', 2, between(0, 4000, '< 4 s')),
  row(
    '429 for ever',
    throttled,
    error('ApiKeyThrottled', 429, true, /throttled the request for the API key/),
    3,
    twoThrottledRetries,
  ),
  row('500 once, then well', [broken, key], 'the answer', 2, twoRetries),
  row('500 for ever', broken, unavailable, 3, twoRetries),
  row('slow once, then well', [silence, key], 'the answer', 2, oneAttempt),
  row('silence for ever', silence, tooSlow, 3, identityTimeout),
  row('connections that break', hangUp, unavailable, 3, twoRetries),
  row('an answer that is not JSON', gives(`<html>Words of a proxy: ${apiKey}</html>`), unavailable),
  row('an answer that is cut off in the key', gives(`{"apiKey":"${apiKey}`), unavailable),
  row('the key without JSON around it', gives(apiKey), unavailable),
  row('an answer without a key', gives('{}'), error('ModelKeyRefused', 401, false, /holds no usable API key/)),
  row('an empty key', gives('{"apiKey":""}'), error('ModelKeyRefused', 401, false, /holds no usable API key/)),
  {
    fault: 'refused connections',
    at: 'identity that refuses connections',
    scripts: [],
    gives: unavailable,
    asked: undefined,
    time: twoRetries,
  },
  {
    fault: 'credentials of the role that do not come',
    at: 'credentials of the role',
    scripts: [],
    gives: tooSlow,
    asked: undefined,
    time: identityTimeout,
  },
];
