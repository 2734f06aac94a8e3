import { bundleAgent } from './support/bundle-agent.ts';
import { type AgentOnRoute, startAgentOn } from './support/providers/agent.ts';
import { begin, eventStream, outputOf, type ResponsesEvent, response } from './support/providers/responses.ts';
import {
  azureDeployments,
  azureV1,
  azureV1Responses,
  openaiChat,
  openaiResponses,
} from './support/providers/routes.ts';
import { type Answer, sendJson } from './support/providers/stand-in.ts';
import { until } from './support/running-agent.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

interface Fault {
  readonly fault: string;
  readonly answer: Answer;
  readonly code: string;
  readonly message: RegExp;
  /** How often the provider is asked; 1 where it would only say the same again. */
  readonly calls?: number;
}

/** As OpenAI and Azure answer before a stream begins. */
function refused(status: number, error: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => sendJson(response, status, { error }, headers);
}

/** A stream that ends after these events. */
function streamed(...events: readonly ResponsesEvent[]): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.end(eventStream([...begin(), ...events]));
  };
}

const someText = outputOf({ text: 'Some words' }).events.slice(0, 4);
const halfACall = outputOf({
  toolCalls: [{ id: 'call_1', name: 'calculator', args: '{"expression": "2*2"}' }],
}).events.slice(0, 3);
const leak = 'Words of the provider: sk-proj-abcd****wxyz.';

/** @see https://platform.openai.com/docs/api-reference/responses-streaming */
const responsesFaults: readonly Fault[] = [
  {
    fault: 'response.failed',
    answer: streamed(...someText, {
      type: 'response.failed',
      response: response('failed', [], undefined, { error: { code: 'server_error', message: leak } }),
    }),
    code: 'ModelUnavailable',
    message: /failed to answer \(server_error\)/,
  },
  {
    fault: 'response.failed for the rate',
    answer: streamed({
      type: 'response.failed',
      response: response('failed', [], undefined, { error: { code: 'rate_limit_exceeded', message: leak } }),
    }),
    code: 'ModelThrottled',
    message: /throttled the key/,
  },
  {
    fault: 'an error event',
    answer: streamed(...someText, { type: 'error', code: 'server_error', message: leak, param: null }),
    code: 'ModelUnavailable',
    message: /failed to answer \(server_error\)/,
  },
  {
    fault: 'response.incomplete at its greatest length',
    answer: streamed(...someText, {
      type: 'response.incomplete',
      response: response('incomplete', [], undefined, { incomplete_details: { reason: 'max_output_tokens' } }),
    }),
    code: 'ModelResponseInvalid',
    message: /cut off at its greatest length/,
  },
  {
    fault: 'response.incomplete in the middle of a tool call',
    answer: streamed(...halfACall, {
      type: 'response.incomplete',
      response: response('incomplete', [], undefined, { incomplete_details: { reason: 'max_output_tokens' } }),
    }),
    code: 'ModelResponseInvalid',
    message: /cut off at its greatest length/,
  },
  {
    fault: 'response.incomplete for its content',
    answer: streamed(...someText, {
      type: 'response.incomplete',
      response: response('incomplete', [], undefined, { incomplete_details: { reason: 'content_filter' } }),
    }),
    code: 'ModelRejectedRequest',
    message: /rejected the request or its answer \(content_filter\)/,
  },
  {
    fault: 'a stream that ends without an end',
    answer: streamed(...someText),
    code: 'ModelResponseInvalid',
    message: /sent an answer that the agent cannot read/,
  },
  {
    fault: 'a stream that is broken off',
    answer: (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(eventStream([...begin(), ...someText]), () => response.destroy());
    },
    code: 'ModelUnavailable',
    message: /broke off its answer/,
  },
  {
    fault: 'a stream that falls silent',
    answer: (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(eventStream([...begin(), ...someText]));
    },
    code: 'ModelTimeout',
    message: /sent nothing for 2 s/,
  },
];

const chatFaults: readonly Fault[] = [
  {
    fault: 'a model of the other API',
    answer: refused(404, {
      message: 'This model is only supported in v1/responses and not in v1/chat/completions.',
      type: 'invalid_request_error',
      param: 'model',
      code: null,
    }),
    code: 'ModelRejectedRequest',
    message: /The model "gpt-4.1-mini" can be asked by the Responses API only: set the API to responses\./,
  },
];

/** @see https://learn.microsoft.com/azure/ai-foundry/openai/how-to/troubleshooting */
const azureFaults: readonly Fault[] = [
  {
    fault: '401 from a gateway, which has no error object',
    answer: (response) =>
      sendJson(response, 401, { statusCode: 401, message: 'Access denied due to missing subscription key.' }),
    code: 'ModelKeyRefused',
    message:
      /^Azure OpenAI at 127\.0\.0\.1:\d+ refused the key of credential provider "openai-test": it takes the keys of its own resource only\. Put/,
  },
  {
    fault: '403 where keys are disabled',
    answer: refused(403, { code: 'AuthenticationTypeDisabled', message: 'Key based authentication is disabled.' }),
    code: 'ModelAccessDenied',
    message: /takes no keys: they are disabled for the resource/,
  },
  {
    fault: '403 of the firewall',
    answer: refused(403, { code: 'AccessDenied', message: 'Access denied due to Virtual Network/Firewall rules.' }),
    code: 'ModelAccessDenied',
    message:
      /^Azure OpenAI does not let the key of credential provider "openai-test" use the deployment "my-deployment"\.$/,
  },
  {
    fault: '404 DeploymentNotFound',
    answer: refused(404, {
      code: 'DeploymentNotFound',
      message:
        'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
    }),
    code: 'ModelNotFound',
    message: /has no deployment "my-deployment"; a new one takes some minutes to appear\.$/,
  },
  {
    fault: '404 for a route that is not there',
    answer: refused(404, { code: '404', message: 'Resource not found' }),
    code: 'ModelNotFound',
    message: /does not know this route: check endpoint, deployment and API version\.$/,
  },
  {
    fault: '400 for the API version',
    answer: refused(400, { code: 'BadRequest', message: 'API version not supported' }),
    code: 'ModelRejectedRequest',
    message: /does not take the API version 2024-10-21: set another, or none for the v1 route\.$/,
  },
  {
    fault: '400 for the API',
    answer: refused(400, {
      code: 'OperationNotSupported',
      message:
        'The chatCompletion operation does not work with the specified model, gpt-5-codex. Please choose different model and try again.',
    }),
    code: 'ModelRejectedRequest',
    message: /The deployment "my-deployment" cannot be asked by the API chat\.$/,
  },
  {
    fault: '400 of the content filter',
    answer: refused(400, {
      message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
      type: null,
      param: 'prompt',
      code: 'content_filter',
      status: 400,
      innererror: {
        code: 'ResponsibleAIPolicyViolation',
        content_filter_result: {
          hate: { filtered: false, severity: 'safe' },
          jailbreak: { filtered: true, detected: true },
          violence: { filtered: true, severity: 'high' },
          'sk-proj-abcd': { filtered: true },
        },
      },
    }),
    code: 'ModelRejectedRequest',
    message: /^The content filter of Azure OpenAI rejected the request for violence, jailbreak \(content_filter\)\.$/,
  },
  {
    fault: '429 that lasts',
    answer: refused(
      429,
      { code: '429', message: 'Requests have exceeded token rate limit of your current pricing tier.' },
      { 'retry-after': '1', 'retry-after-ms': '20', 'x-ratelimit-remaining-requests': '0' },
    ),
    code: 'ModelThrottled',
    message: /^Azure OpenAI throttled the key/,
    calls: 3,
  },
  {
    fault: '429 for longer than the agent waits',
    answer: refused(429, { code: '429', message: 'Please retry after 60 seconds.' }, { 'retry-after-ms': '60000' }),
    code: 'ModelThrottled',
    message: /^Azure OpenAI throttled the key/,
  },
  {
    fault: '500',
    answer: refused(500, { code: 'InternalServerError', message: 'Backend call failure' }, { 'retry-after-ms': '1' }),
    code: 'ModelUnavailable',
    message: /^Azure OpenAI failed to answer\.$/,
    calls: 3,
  },
];

const azureV1Faults: readonly Fault[] = [
  {
    fault: '404 for the v1 route, which wants a version',
    answer: refused(404, { code: 'BadRequest', message: 'Missing required query parameter: api-version' }),
    code: 'ModelRejectedRequest',
    message: /wants an API version: set one, or use a resource that has the v1 route\.$/,
  },
];

const bundle = temporaryFolder();

jest.setTimeout(30_000);
beforeAll(() => bundleAgent(bundle.path));
afterAll(() => bundle.remove());

describe.each([
  { route: openaiChat, faults: chatFaults },
  { route: openaiResponses, faults: responsesFaults },
  { route: azureDeployments, faults: azureFaults },
  { route: azureV1, faults: azureV1Faults },
  { route: azureV1Responses, faults: responsesFaults },
])('$route.name', ({ route, faults }) => {
  let started: AgentOnRoute;

  beforeAll(async () => {
    started = await startAgentOn(route, bundle.path);
  });
  afterAll(() => started.close());

  test.each(faults)('$fault gives $code', async ({ answer, code, message, calls = 1 }) => {
    const { agent, provider } = started;
    provider.keys.length = 0;
    provider.answers.splice(0, Number.POSITIVE_INFINITY, ...Array.from({ length: calls }, () => answer));
    const logged = agent.invocationLog.length;
    const begun = performance.now();
    const { error } = (await agent.ask('Hello')) as { error: { code: string; message: string } };
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(provider.keys).toHaveLength(calls);
    expect(provider.faults).toEqual([]);
    // What the provider said is its own affair, and may quote the key.
    await until(() => agent.invocationLog.length > logged);
    expect(JSON.stringify(error) + agent.output).not.toMatch(/sk-proj|wxyz/);
    expect(agent.invocationLog.at(-1)).toMatchObject({ code });
  });
});
