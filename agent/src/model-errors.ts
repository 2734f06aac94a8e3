import { APIConnectionError, APIError } from 'openai';
import { explainAzureError } from './azure-errors.ts';
import { certificateFault } from './certificate-errors.ts';
import { asInvocationError, InvocationError } from './invocation-error.ts';
import { askedOf, type ModelContext, type Row } from './model-error-row.ts';

const unavailable: Row = { code: 'ModelUnavailable', message: (context) => `${askedOf(context).who} failed to answer` };
const timeout: Row = { code: 'ModelTimeout', message: (context) => `${askedOf(context).who} took too long to answer` };
const rejected: Row = {
  code: 'ModelRejectedRequest',
  message: (context) => `${askedOf(context).who} rejected the request`,
};
const notFound: Row = {
  code: 'ModelNotFound',
  message: (context) => `${askedOf(context).who} has no ${askedOf(context).what} for this key`,
};
const throttled: Row = {
  code: 'ModelThrottled',
  message: (context) => `${askedOf(context).who} throttled ${context.keyName}`,
};
const cutOff: Row = {
  code: 'ModelResponseInvalid',
  message: (context) => `The answer of the ${askedOf(context).what} was cut off at its greatest length`,
};
const invalidResponse: Row = {
  code: 'ModelResponseInvalid',
  message: (context) => `${askedOf(context).who} sent an answer that the agent cannot read`,
};

/** The provider's own error codes say more than the status, where it sends one of these. */
const byProviderCode: Readonly<Record<string, Row>> = {
  model_not_found: notFound,
  rate_limit_exceeded: throttled,
  invalid_prompt: rejected,
  content_filter: {
    code: 'ModelRejectedRequest',
    message: (context) => `${askedOf(context).who} rejected the request or its answer`,
  },
  max_output_tokens: cutOff,
  insufficient_quota: {
    code: 'ModelQuotaExceeded',
    message: ({ keyName }) => `The account behind ${keyName} has no quota left; check its plan and billing`,
  },
};

const byStatus: Readonly<Record<number, Row>> = {
  401: {
    code: 'ModelKeyRefused',
    message: (context) => `${askedOf(context).who} refused ${context.keyName}. ${context.keyRemedy}`,
  },
  403: {
    code: 'ModelAccessDenied',
    message: (context) => `${askedOf(context).who} does not let ${context.keyName} use the ${askedOf(context).what}`,
  },
  404: notFound,
  408: timeout,
  409: unavailable,
  429: throttled,
  504: timeout,
};

/** By the names that the Strands SDK gives the errors it makes itself. */
const byStrandsName: Readonly<Record<string, Row>> = {
  ContextWindowOverflowError: {
    code: 'ModelRejectedRequest',
    message: (context) => `The conversation is longer than the ${askedOf(context).what} can read`,
  },
  MaxTokensError: cutOff,
};

/**
 * Says in the agent's words why a model call failed.
 *
 * The provider's message never goes into the result: OpenAI's 401 quotes a part of the key, and others may quote the
 * prompt. Its machine-readable code does.
 *
 * @param error what the agent loop threw; an InvocationError anywhere in its chain of causes passes unchanged
 * @param context what the sentences speak of
 */
export function fromModelError(error: unknown, context: ModelContext): InvocationError {
  const chain = causes(error);
  const own = chain.find((cause) => cause instanceof InvocationError);
  if (own) return own;

  const certificate = certificateFault(error);
  if (certificate) {
    const whose = context.model.provider === 'azure' ? 'Azure OpenAI' : 'the model provider';
    const message = () => `The certificate of ${whose} is not trusted`;
    return explain({ code: 'ModelCertificateRefused', message }, context, { reason: certificate });
  }
  const connection = chain.find((cause) => cause instanceof APIConnectionError);
  if (connection) {
    return explain({ ...unavailable, message: () => `${askedOf(context).who} could not be reached` }, context, {
      reason: networkCode(chain),
    });
  }
  const api = chain.find((cause) => cause instanceof APIError);
  if (api) {
    const providerCode = plainCode(api.code);
    // An error event in the middle of a stream has no status: it is a failure of the provider.
    const status = api.status ?? 500;
    const row =
      (context.model.provider === 'azure' ? explainAzureError(api, context.model) : undefined) ??
      (onlyByResponses(api) ? byResponses : undefined) ??
      (providerCode === undefined ? undefined : byProviderCode[providerCode]) ??
      byStatus[status] ??
      (status >= 500 ? unavailable : rejected);
    return explain(row, context, { reason: providerCode, detail: `HTTP ${api.status ?? 'stream error'}` });
  }
  const strands = chain.map((cause) => byStrandsName[cause.name]).find((row) => row !== undefined);
  if (strands) return explain(strands, context, {});
  // The connection that breaks in the middle of an answer shows itself as undici's TypeError.
  if (chain.some((cause) => cause instanceof TypeError && cause.message === 'terminated')) {
    return explain({ ...unavailable, message: () => `${askedOf(context).who} broke off its answer` }, context, {
      reason: networkCode(chain),
    });
  }
  // What is left of the model's errors: chunks or tool arguments that are no JSON, a stream that ends too soon.
  if (chain.some((cause) => cause instanceof SyntaxError || cause.message.startsWith('Stream ended'))) {
    return explain(invalidResponse, context, { detail: chain.at(-1)?.name ?? '' });
  }
  return asInvocationError(error);
}

const byResponses: Row = {
  code: 'ModelRejectedRequest',
  message: (context) => `The ${askedOf(context).what} can be asked by the Responses API only: set the API to responses`,
};

function onlyByResponses({ status, message }: APIError): boolean {
  return status !== undefined && status < 500 && /only (supported )?in v1\/responses/.test(message);
}

function explain(
  row: Row,
  context: ModelContext,
  { reason, detail }: { reason?: string | undefined; detail?: string },
): InvocationError {
  const sentence = row.message(context);
  const full = sentence.endsWith('.') ? sentence : `${sentence}${reason ? ` (${reason})` : ''}.`;
  return new InvocationError(row.code, full, [detail, reason].filter(Boolean).join(', ') || undefined);
}

/** A code is passed on only if it cannot be anything else: a word or two, no key and no prose. */
function plainCode(code: unknown): string | undefined {
  return typeof code === 'string' && /^[a-z]+(_[a-z]+)*$/.test(code) && code.length <= 64 ? code : undefined;
}

/** Such as ECONNREFUSED, ENOTFOUND or CERT_HAS_EXPIRED. */
function networkCode(chain: readonly Error[]): string | undefined {
  return chain
    .map((cause) => ('code' in cause ? cause.code : undefined))
    .find((code): code is string => typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,63}$/.test(code));
}

function causes(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let cause = error; cause instanceof Error && chain.length < 10; cause = cause.cause) chain.push(cause);
  return chain;
}
