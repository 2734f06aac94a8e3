import { chunk, refuseWith, type Script, stream, toolCall } from '../support/scripted-model.ts';
import { atOnce, type Bound, between, type ExpectedError, error, type Fault, settings } from './fault.ts';

const half = chunk({ content: 'Half an ' });
const fine = stream(chunk({ content: 'Fine.' }), chunk({}, 'stop'));
const silence: Script = () => {};
const headersOnly: Script = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
};
const silenceInTheMiddle: Script = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(half);
};
/** Something now and then, and never the end. */
const trickle =
  (piece: string): Script =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(half);
    const timer = setInterval(() => response.write(piece), 300);
    response.once('close', () => clearInterval(timer));
  };
const hangUp: Script = (request) => void request.socket.destroy();
const hangUpInTheMiddle: Script = (request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(half, () => setTimeout(() => request.socket.destroy(), 20));
};
const resetInTheMiddle: Script = (request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(half, () => setTimeout(() => request.socket.resetAndDestroy(), 20));
};
const whole =
  (type: string, body: string): Script =>
  (_request, response) =>
    void response.writeHead(200, { 'content-type': type }).end(body);
const inTwoSeconds: Script = (request, response) =>
  refuseWith(429, 'rate_limit_exceeded', { 'retry-after': new Date(Date.now() + 2000).toUTCString() })(
    request,
    response,
  );

const rejected = (message: RegExp) => error('ModelRejectedRequest', 400, false, message);
const throttled = error('ModelThrottled', 429, true, /throttled the key of .* \(rate_limit_exceeded\)/);
const unavailable = (message: RegExp) => error('ModelUnavailable', 503, true, message);
const silent = error('ModelTimeout', 504, true, /sent nothing for 1 s\./);
const unreadable = error('ModelResponseInvalid', 502, true, /cannot read/);

/** Half a second and one, each less up to a quarter. */
const twoRetries = between(1100, 5000, '1 to 5 s');
const modelTimeout = between(
  settings.model * 1000,
  settings.model * 1000 + 3000,
  '`MODEL_TIMEOUT_SECONDS`, then < 3 s',
);
const answerTimeout = between(
  settings.answer * 1000,
  settings.answer * 1000 + 3000,
  '`ANSWER_TIMEOUT_SECONDS`, then < 3 s',
);

interface More {
  readonly asked?: number;
  readonly time?: Bound;
  readonly before?: string;
}

function row(
  fault: string,
  script: Script | readonly Script[],
  gives: ExpectedError | 'the answer',
  { asked = 1, time = atOnce, ...more }: More = {},
): Fault {
  return { fault, at: 'model', scripts: [script].flat(), gives, asked, time, ...more };
}

const before = 'Half an ';
const retried = { asked: 3, time: twoRetries };

export const modelFaults: readonly Fault[] = [
  row('400', refuseWith(400, 'invalid_value'), rejected(/rejected the request \(invalid_value\)/)),
  row('400, a content filter', refuseWith(400, 'content_filter'), rejected(/\(content_filter\)/)),
  row(
    '400, a prompt that is too long',
    refuseWith(400, 'context_length_exceeded'),
    rejected(/longer than the model "model-of-the-test" can read/),
  ),
  row(
    '401',
    refuseWith(401, 'invalid_api_key'),
    error('ModelKeyRefused', 401, false, /refused the key of credential provider "openai-test"\. Put a working key/),
  ),
  row(
    '403',
    refuseWith(403, null),
    error('ModelAccessDenied', 403, false, /does not let the key of credential provider "openai-test" use the model/),
  ),
  row(
    '404, no such model',
    refuseWith(404, 'model_not_found'),
    error('ModelNotFound', 404, false, /no model "model-of-the-test"/),
  ),
  row(
    '404, no such deployment',
    refuseWith(404, 'DeploymentNotFound'),
    error('ModelNotFound', 404, false, /no model "model-of-the-test"/),
  ),
  row('429 for ever', refuseWith(429, 'rate_limit_exceeded'), throttled, retried),
  row('429 for ever, `Retry-After: 1`', refuseWith(429, 'rate_limit_exceeded', { 'retry-after': '1' }), throttled, {
    asked: 3,
    time: between(2000, 5000, '2 to 5 s'),
  }),
  row(
    '429 for ever, `Retry-After: 3600`',
    refuseWith(429, 'rate_limit_exceeded', { 'retry-after': '3600' }),
    throttled,
  ),
  row('429, `Retry-After` with a date in two seconds, then well', [inTwoSeconds, fine], 'the answer', {
    asked: 2,
    time: between(900, 5000, '1 to 5 s'),
  }),
  row(
    '429, `retry-after-ms: 200`, then well',
    [refuseWith(429, 'rate_limit_exceeded', { 'retry-after-ms': '200', 'retry-after': '60' }), fine],
    'the answer',
    { asked: 2, time: between(200, 4000, '0.2 to 4 s') },
  ),
  row(
    '429, no quota left',
    refuseWith(429, 'insufficient_quota', { 'retry-after': '1' }),
    error('ModelQuotaExceeded', 429, false, /no quota left; check its plan and billing/),
  ),
  row(
    '500, `x-should-retry: false`',
    refuseWith(500, null, { 'x-should-retry': 'false' }),
    unavailable(/failed to answer/),
  ),
  row('500 for ever', refuseWith(500, null), unavailable(/failed to answer\./), retried),
  row('503 for ever', refuseWith(503, 'overloaded'), unavailable(/failed to answer \(overloaded\)/), retried),
  row('500 once, then well', [refuseWith(500, null), fine], 'the answer', {
    asked: 2,
    time: between(350, 4000, '0.4 to 4 s'),
  }),
  row('a redirect', redirect, rejected(/rejected the request/)),
  row('silence before the answer', silence, silent, { time: modelTimeout }),
  row('silence after the headers', headersOnly, silent, { time: modelTimeout }),
  row('silence in the middle', silenceInTheMiddle, silent, { time: modelTimeout, before }),
  row(
    'an answer that trickles for ever',
    trickle(chunk({ content: '.' })),
    error('ModelTimeout', 504, true, /no answer in 7 s\./),
    { time: answerTimeout, before },
  ),
  row('comments for ever', trickle(': wait\n\n'), error('ModelTimeout', 504, true, /no answer in 7 s\./), {
    time: answerTimeout,
    before,
  }),
  row('connections that break', hangUp, unavailable(/could not be reached/), retried),
  row('a connection that breaks in the middle', hangUpInTheMiddle, unavailable(/broke off its answer/), { before }),
  row('a connection that is reset in the middle', resetInTheMiddle, unavailable(/broke off its answer/), { before }),
  row(
    'an error in the stream',
    stream(half, 'data: {"error":{"message":"Words of the provider: sk-abcd1234","code":"server_error"}}\n\n'),
    unavailable(/failed to answer \(server_error\)/),
    { before },
  ),
  row('a chunk that is not JSON', stream(half, 'data: {"choices\n\n'), unreadable, { before }),
  row('a chunk that is null', stream(half, 'data: null\n\n'), unreadable, { before }),
  row('a chunk without a choice', stream(half, 'data: {"choices":[null]}\n\n'), unreadable, { before }),
  row('a chunk whose tool calls are no list', stream(half, chunk({ tool_calls: 'weather' as never })), unreadable, {
    before,
  }),
  row('a stream that ends too soon', stream(half), unreadable, { before }),
  row('no bytes at all', whole('text/event-stream', ''), unreadable),
  row('a page instead of a stream', whole('text/html', '<h1>Words of the provider</h1>'), unreadable),
  row(
    'tool arguments that are not JSON',
    stream(chunk({ tool_calls: [toolCall('weather', '{"place": ')] }), chunk({}, 'tool_calls')),
    unreadable,
  ),
  row(
    'tool calls without end',
    stream(chunk({ tool_calls: [toolCall('weather', '{}')] }), chunk({}, 'tool_calls')),
    error('ToolLoopLimitExceeded', 500, false, /stopped it after 10 rounds/),
    { asked: 10, time: between(0, 4000, '< 4 s') },
  ),
  row(
    'an answer that is cut off',
    stream(half, chunk({}, 'length')),
    error('ModelResponseInvalid', 502, true, /cut off at its greatest length/),
    { before },
  ),
  row('an answer that is filtered', stream(half, chunk({}, 'content_filter')), rejected(/\(content_filter\)/), {
    before,
  }),
  {
    fault: 'refused connections',
    at: 'model that refuses connections',
    scripts: [],
    gives: unavailable(/could not be reached \(ECONNREFUSED\)/),
    asked: undefined,
    time: twoRetries,
  },
  {
    fault: 'a certificate that nobody trusts',
    at: 'model without a trusted certificate',
    scripts: [],
    gives: error(
      'ModelCertificateRefused',
      502,
      false,
      /certificate .* is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
    ),
    asked: 0,
    time: atOnce,
  },
  {
    fault: 'a host name that does not exist',
    at: 'model whose name does not exist',
    scripts: [],
    gives: unavailable(/could not be reached \(ENOTFOUND\)/),
    asked: undefined,
    time: twoRetries,
  },
];

function redirect(_request: Parameters<Script>[0], response: Parameters<Script>[1]): void {
  response.writeHead(307, { location: 'http://127.0.0.1:9/v1/chat/completions' }).end();
}
