import { eventsOf, until } from './support/running-agent.ts';
import { type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';
import { chunk, refuseWith, type Script, stream, toolCall } from './support/scripted-model.ts';

let scripted: ScriptedAgent;
let model: ScriptedAgent['model'];
let agent: ScriptedAgent['agent'];

beforeAll(async () => {
  scripted = await startScriptedAgent({ OPENAI_MODEL_ID: 'model-of-the-test', MODEL_TIMEOUT_SECONDS: '1' });
  ({ model, agent } = scripted);
});
afterAll(() => scripted.close());

const quickly = { 'retry-after': '0' };
const silence: Script = () => {};
const headersOnly: Script = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
};
const half = chunk({ content: 'Half an ' });
const silenceInTheMiddle: Script = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(half);
};
const hangUp: Script = (request) => void request.socket.destroy();
const hangUpInTheMiddle: Script = (request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(half, () => setTimeout(() => request.socket.destroy(), 20));
};

interface Fault {
  readonly fault: string;
  readonly script: Script;
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly message: RegExp;
  /** How often the model is asked in all. */
  readonly calls: number;
}

const faults: readonly Fault[] = [
  {
    fault: '400',
    script: refuseWith(400, 'invalid_value'),
    code: 'ModelRejectedRequest',
    status: 400,
    retryable: false,
    message: /rejected the request \(invalid_value\)/,
    calls: 1,
  },
  {
    fault: 'a content filter',
    script: refuseWith(400, 'content_filter'),
    code: 'ModelRejectedRequest',
    status: 400,
    retryable: false,
    message: /content_filter/,
    calls: 1,
  },
  {
    fault: 'too long a conversation',
    script: refuseWith(400, 'context_length_exceeded'),
    code: 'ModelRejectedRequest',
    status: 400,
    retryable: false,
    message: /longer than the model "model-of-the-test" can read/,
    calls: 1,
  },
  {
    fault: '401',
    script: refuseWith(401, 'invalid_api_key'),
    code: 'ModelKeyRefused',
    status: 401,
    retryable: false,
    message: /refused the key of credential provider "openai-test"/,
    calls: 1,
  },
  {
    fault: '403',
    script: refuseWith(403, null),
    code: 'ModelAccessDenied',
    status: 403,
    retryable: false,
    message: /does not let the key of credential provider "openai-test" use the model/,
    calls: 1,
  },
  {
    fault: '404',
    script: refuseWith(404, 'model_not_found'),
    code: 'ModelNotFound',
    status: 404,
    retryable: false,
    message: /no model "model-of-the-test"/,
    calls: 1,
  },
  {
    fault: '429',
    script: refuseWith(429, 'rate_limit_exceeded', quickly),
    code: 'ModelThrottled',
    status: 429,
    retryable: true,
    message: /throttled/,
    calls: 3,
  },
  {
    fault: '429 for an hour',
    script: refuseWith(429, 'rate_limit_exceeded', { 'retry-after': '3600' }),
    code: 'ModelThrottled',
    status: 429,
    retryable: true,
    message: /throttled/,
    calls: 1,
  },
  {
    fault: 'no quota',
    script: refuseWith(429, 'insufficient_quota', quickly),
    code: 'ModelQuotaExceeded',
    status: 429,
    retryable: false,
    message: /no quota left/,
    calls: 3,
  },
  {
    fault: '500',
    script: refuseWith(500, null, quickly),
    code: 'ModelUnavailable',
    status: 503,
    retryable: true,
    message: /failed to answer/,
    calls: 3,
  },
  {
    fault: '503',
    script: refuseWith(503, 'overloaded', quickly),
    code: 'ModelUnavailable',
    status: 503,
    retryable: true,
    message: /failed to answer \(overloaded\)/,
    calls: 3,
  },
  {
    fault: 'no answer at all',
    script: silence,
    code: 'ModelTimeout',
    status: 504,
    retryable: true,
    message: /sent nothing for 1 s\./,
    calls: 1,
  },
  {
    fault: 'headers and then silence',
    script: headersOnly,
    code: 'ModelTimeout',
    status: 504,
    retryable: true,
    message: /sent nothing for 1 s\./,
    calls: 1,
  },
  {
    fault: 'silence in the middle',
    script: silenceInTheMiddle,
    code: 'ModelTimeout',
    status: 504,
    retryable: true,
    message: /sent nothing for 1 s\./,
    calls: 1,
  },
  {
    fault: 'a broken connection',
    script: hangUp,
    code: 'ModelUnavailable',
    status: 503,
    retryable: true,
    message: /could not be reached/,
    calls: 3,
  },
  {
    fault: 'a connection that breaks in the middle',
    script: hangUpInTheMiddle,
    code: 'ModelUnavailable',
    status: 503,
    retryable: true,
    message: /broke off its answer/,
    calls: 1,
  },
  {
    fault: 'an error in the stream',
    script: stream(half, 'data: {"error":{"message":"sk-abcd1234","code":"server_error"}}\n\n'),
    code: 'ModelUnavailable',
    status: 503,
    retryable: true,
    message: /failed to answer \(server_error\)/,
    calls: 1,
  },
  {
    fault: 'a chunk that is not JSON',
    script: stream(half, 'data: {"choices\n\n'),
    code: 'ModelResponseInvalid',
    status: 502,
    retryable: true,
    message: /cannot read/,
    calls: 1,
  },
  {
    fault: 'a stream that ends too soon',
    script: stream(half),
    code: 'ModelResponseInvalid',
    status: 502,
    retryable: true,
    message: /cannot read/,
    calls: 1,
  },
  {
    fault: 'tool arguments that are not JSON',
    script: stream(chunk({ tool_calls: [toolCall('weather', '{"place": ')] }), chunk({}, 'tool_calls')),
    code: 'ModelResponseInvalid',
    status: 502,
    retryable: true,
    message: /cannot read/,
    calls: 1,
  },
  {
    fault: 'an answer that is cut off',
    script: stream(half, chunk({}, 'length')),
    code: 'ModelResponseInvalid',
    status: 502,
    retryable: true,
    message: /cut off/,
    calls: 1,
  },
  {
    fault: 'an answer that is filtered',
    script: stream(half, chunk({}, 'content_filter')),
    code: 'ModelRejectedRequest',
    status: 400,
    retryable: false,
    message: /content_filter/,
    calls: 1,
  },
  {
    fault: 'tool calls without end',
    script: stream(chunk({ tool_calls: [toolCall('weather', '{}')] }), chunk({}, 'tool_calls')),
    code: 'ToolLoopLimitExceeded',
    status: 500,
    retryable: false,
    message: /10 rounds/,
    calls: 10,
  },
];

describe('a model provider that', () => {
  test.each(faults)('answers with $fault gives $code', async ({ script, code, status, retryable, message, calls }) => {
    model.script = script;
    model.calls = 0;
    const before = agent.invocationLog.length;
    const response = await agent.invoke({ prompt: 'Hi', accept: 'text/event-stream' });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(eventsOf(text).at(-1)).toEqual({
      error: { code, status, retryable, message: expect.stringMatching(message), requestId: expect.any(String) },
    });
    expect(model.calls).toBe(calls);
    await until(() => agent.invocationLog.length > before);
    expect(agent.invocationLog.at(-1)).toMatchObject({ level: 'warn', code });
    // Its own words may hold a part of the key.
    for (const written of [text, agent.output]) expect(written).not.toMatch(/Words of the provider|sk-|\n {4}at /);
  });

  test('recovers is answered by, within the same request', async () => {
    const scripts = [
      refuseWith(500, null, quickly),
      hangUp,
      stream(chunk({ content: 'Here I am.' }), chunk({}, 'stop')),
    ];
    model.script = (...args) => scripts.shift()?.(...args);
    expect(await agent.ask('Hi')).toBe('Here I am.');
  });

  test('speaks slowly, but speaks, is listened to for longer than the time-out', async () => {
    model.script = async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const content of ['a', 'b', 'c']) {
        await new Promise((resolve) => setTimeout(resolve, 600));
        response.write(chunk({ content }));
      }
      response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
    };
    expect(await agent.ask('Hi')).toBe('abc');
  });

  test('calls a tool that does not exist is told so, and may answer then', async () => {
    const scripts = [
      stream(chunk({ tool_calls: [toolCall('launch_rocket', '{}')] }), chunk({}, 'tool_calls')),
      stream(chunk({ content: 'I cannot.' }), chunk({}, 'stop')),
    ];
    model.script = (...args) => scripts.shift()?.(...args);
    expect(await agent.ask('Hi')).toBe('I cannot.');
  });
});
