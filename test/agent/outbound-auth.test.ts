import { type OfflineModel, startOfflineModel } from '../../offline-model/index.ts';
import { bundleAgent } from './support/bundle-agent.ts';
import { startIdentityStandIn } from './support/identity-stand-in.ts';
import { RunningAgent, tokenHeader, until, workloadAccessToken } from './support/running-agent.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

type Identity = Awaited<ReturnType<typeof startIdentityStandIn>>;

const folder = temporaryFolder();
const validKeys = new Set<string>();
let model: OfflineModel;
let identity: Identity;
let agent: RunningAgent;

beforeAll(async () => {
  bundleAgent(folder.path);
  model = await startOfflineModel({ acceptsKey: (key) => validKeys.has(key) });
});

beforeEach(async () => {
  validKeys.clear();
  validKeys.add('sk-first-key-0123456789');
  identity = await startIdentityStandIn('sk-first-key-0123456789');
  agent = await RunningAgent.start(folder.path, { AWS_ENDPOINT_URL: identity.url, OPENAI_BASE_URL: model.url });
});

afterEach(async () => {
  await agent.stop();
  await identity.close();
});

afterAll(async () => {
  await model.close();
  folder.remove();
});

const question = 'How much is 2X2?';
const answer = '2*2 = 4.';

function refusal(code: string, message: RegExp) {
  return { error: expect.objectContaining({ code, message: expect.stringMatching(message) }) };
}

describe('the key', () => {
  test('is fetched from AgentCore Identity with the token of the request and the name of the provider', async () => {
    expect(await agent.ask(question)).toBe(answer);
    expect(identity.requests).toEqual([
      { workloadIdentityToken: workloadAccessToken, resourceCredentialProviderName: 'openai-test' },
    ]);
  });

  test('is fetched with the token in either header', async () => {
    expect(await agent.ask(question, { headers: { WorkloadAccessToken: 'older-header' } })).toBe(answer);
    expect(identity.requests).toMatchObject([{ workloadIdentityToken: 'older-header' }]);
  });

  test('is not fetched before a request needs it', async () => {
    await agent.ping();
    await agent.invoke({ body: '{}' });
    expect(identity.requests).toHaveLength(0);
  });

  test('is fetched once for requests that come at the same time, and not again for the next', async () => {
    identity.delay = 100;
    const answers = await Promise.all(Array.from({ length: 10 }, () => agent.ask(question)));
    expect(answers).toEqual(Array(10).fill(answer));
    expect(await agent.ask(question)).toBe(answer);
    expect(identity.requests).toHaveLength(1);
  });

  test('may be rotated: the next request fetches the new one, once, and is answered', async () => {
    expect(await agent.ask(question)).toBe(answer);
    validKeys.clear();
    validKeys.add('sk-second-key-0123456789');
    identity.key = 'sk-second-key-0123456789';
    const answers = await Promise.all(Array.from({ length: 5 }, () => agent.ask(question)));
    expect(answers).toEqual(Array(5).fill(answer));
    expect(identity.requests).toHaveLength(2);
  });
});

describe('a key that the model provider refuses', () => {
  const wrongKey = 'sk-wrong-key-abcdefghijkl';

  test('gives an error that names the credential provider and nothing of the key', async () => {
    identity.key = wrongKey;
    const before = model.requests.length;
    const headers = { ...tokenHeader, 'X-Amzn-Bedrock-AgentCore-Runtime-Request-Id': 'request-1' };
    const response = await agent.invoke({ prompt: question, headers });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(JSON.parse(text)).toEqual({
      error: {
        code: 'ModelKeyRefused',
        message:
          'The model provider refused the key of credential provider "openai-test". Put a working key into its ' +
          'secret: the agent picks up a new version of the secret without a redeploy.',
        retryable: false,
        status: 401,
        requestId: 'request-1',
      },
    });
    // The provider echoes the beginning and the end of the key; not even those may go further.
    for (const part of [wrongKey, 'sk-wrong', 'ijkl']) {
      expect(text).not.toContain(part);
      expect(agent.output).not.toContain(part);
    }
    // The same key again would be refused again.
    expect(model.requests.length - before).toBe(1);
  });

  test('is replaced in the secret, and the next request is answered', async () => {
    identity.key = wrongKey;
    expect(await agent.ask(question)).toEqual(refusal('ModelKeyRefused', /openai-test/));
    identity.key = 'sk-first-key-0123456789';
    expect(await agent.ask(question)).toBe(answer);
  });

  test('is not asked for twice if there is a new one and that is refused too', async () => {
    expect(await agent.ask(question)).toBe(answer);
    validKeys.clear();
    identity.key = wrongKey;
    const before = model.requests.length;
    expect(await agent.ask(question)).toEqual(refusal('ModelKeyRefused', /openai-test/));
    expect(model.requests.length - before).toBe(2);
  });
});

describe('without a workload access token', () => {
  test('the caller learns what to pass and which permission that takes', async () => {
    expect(await agent.ask(question, { headers: {} })).toEqual(
      refusal('WorkloadAccessTokenMissing', /runtimeUserId.*bedrock-agentcore:InvokeAgentRuntimeForUser/),
    );
    expect(identity.requests).toHaveLength(0);
  });

  test('not even a key that is in memory is used', async () => {
    expect(await agent.ask(question)).toBe(answer);
    expect(await agent.ask(question, { headers: {} })).toEqual(refusal('WorkloadAccessTokenMissing', /./));
  });
});

describe('without a user, for an agent with a workload identity of its own', () => {
  const withoutUser = { headers: {} };

  beforeEach(async () => {
    await agent.stop();
    agent = await RunningAgent.start(folder.path, {
      AWS_ENDPOINT_URL: identity.url,
      OPENAI_BASE_URL: model.url,
      WORKLOAD_IDENTITY_NAME: 'outbound-auth-test',
    });
  });

  test('the key is fetched with a token of that identity', async () => {
    expect(await agent.ask(question, withoutUser)).toBe(answer);
    expect(identity.tokenRequests).toEqual(['outbound-auth-test']);
    expect(identity.requests).toEqual([
      { workloadIdentityToken: 'own-token-1', resourceCredentialProviderName: 'openai-test' },
    ]);
    expect(agent.output).not.toContain('own-token-1');
  });

  test('a request that brings a token is served with that one', async () => {
    expect(await agent.ask(question)).toBe(answer);
    expect(identity.requests).toMatchObject([{ workloadIdentityToken: workloadAccessToken }]);
    expect(identity.tokenRequests).toEqual([]);
  });

  test('the token is kept for the next time that the key is fetched', async () => {
    expect(await agent.ask(question, withoutUser)).toBe(answer);
    exchangeKey();
    expect(await agent.ask(question, withoutUser)).toBe(answer);
    expect(identity.requests).toHaveLength(2);
    expect(identity.tokenRequests).toHaveLength(1);
  });

  test('a token that is refused by now is replaced once, and the caller sees nothing of it', async () => {
    expect(await agent.ask(question, withoutUser)).toBe(answer);
    exchangeKey();
    identity.ownToken = 'own-token-2';
    expect(await agent.ask(question, withoutUser)).toBe(answer);
    expect(identity.requests.map(({ workloadIdentityToken }) => workloadIdentityToken)).toEqual([
      'own-token-1',
      'own-token-1',
      'own-token-2',
    ]);
  });

  test('a token that is refused again is an error for the caller, not a loop', async () => {
    identity.error = { status: 401, name: 'UnauthorizedException', message: 'No.' };
    expect(await agent.ask(question, withoutUser)).toEqual(refusal('WorkloadAccessTokenRejected', /./));
    expect(identity.requests).toHaveLength(2);
    expect(identity.tokenRequests).toHaveLength(2);
  });

  test.each([
    ['AccessDeniedException', 403, 'WorkloadAccessTokenDenied', /"outbound-auth-test"\. AWS says: Not for you/],
    ['ResourceNotFoundException', 404, 'WorkloadIdentityNotFound', /no workload identity "outbound-auth-test"/],
    ['InternalServerException', 500, 'WorkloadAccessTokenUnavailable', /gave no workload access token/],
  ])('no token (%s, %d): the caller gets %s', async (name, status, code, sentence) => {
    identity.tokenError = { status, name, message: 'Not for you' };
    expect(await agent.ask(question, withoutUser)).toEqual(refusal(code, sentence));
    expect(identity.requests).toHaveLength(0);
    identity.tokenError = undefined;
    expect(await agent.ask(question, withoutUser)).toBe(answer);
  });

  function exchangeKey() {
    validKeys.clear();
    validKeys.add('sk-second-key-0123456789');
    identity.key = 'sk-second-key-0123456789';
  }
});

describe('when AgentCore Identity does not give the key', () => {
  const denied =
    'User: arn:aws:sts::123456789012:assumed-role/agent/session is not authorized to perform: ' +
    'bedrock-agentcore:GetResourceApiKey on resource: arn:aws:bedrock-agentcore:us-west-2:123456789012:token-vault/default';

  test.each([
    [
      'AccessDeniedException',
      403,
      'ApiKeyAccessDenied',
      denied,
      403,
      false,
      /may not fetch .* AWS says: User: arn.*GetResourceApiKey on resource/,
    ],
    [
      'ResourceNotFoundException',
      404,
      'CredentialProviderNotFound',
      'No.',
      404,
      false,
      /no credential provider "openai-test"/,
    ],
    ['UnauthorizedException', 401, 'WorkloadAccessTokenRejected', 'Expired.', 401, true, /workload access token/],
    ['ValidationException', 400, 'ApiKeyRequestRejected', `Value '${workloadAccessToken}'`, 400, false, /as invalid/],
    ['ThrottlingException', 429, 'ApiKeyThrottled', 'Rate exceeded', 429, true, /throttled/],
    ['InternalServerException', 500, 'ApiKeyUnavailable', 'Oops', 503, true, /did not give the API key/],
  ])('but %s (%d), the caller gets %s', async (name, httpStatus, code, message, status, retryable, sentence) => {
    identity.error = { status: httpStatus, name, message };
    const before = model.requests.length;
    const body = await agent.ask(question);
    expect(body).toEqual({
      error: { code, message: expect.stringMatching(sentence), status, retryable, requestId: expect.any(String) },
    });
    expect(model.requests).toHaveLength(before);
    expect(agent.output).not.toContain(workloadAccessToken);
    await until(() => agent.invocationLog.length > 0);
    expect(agent.invocationLog).toMatchObject([{ level: 'warn', code }]);
  });

  test('the next request asks again', async () => {
    identity.error = { status: 403, name: 'AccessDeniedException', message: denied };
    await agent.ask(question);
    identity.error = undefined;
    expect(await agent.ask(question)).toBe(answer);
  });
});
