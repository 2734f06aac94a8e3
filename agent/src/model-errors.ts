import { APIConnectionError, APIError } from 'openai';
import { certificateFault } from './certificate-errors.ts';
import { asInvocationError, type ErrorCode, InvocationError } from './invocation-error.ts';
import type { ModelSettings } from './model-settings.ts';

/** What the sentences about the model speak of. */
export interface ModelContext {
  readonly model: ModelSettings;
  /** Such as `the key of credential provider "openai-dev"`. */
  readonly keyName: string;
  /** What to do about a key that is refused. */
  readonly keyRemedy: string;
}

interface Row {
  readonly code: ErrorCode;
  readonly message: (context: ModelContext) => string;
}

const unavailable: Row = { code: 'ModelUnavailable', message: () => 'The model provider failed to answer' };
const timeout: Row = { code: 'ModelTimeout', message: () => 'The model provider took too long to answer' };
const rejected: Row = { code: 'ModelRejectedRequest', message: () => 'The model provider rejected the request' };
const notFound: Row = {
  code: 'ModelNotFound',
  message: ({ model }) => `The model provider has no ${nameOf(model)} for this key`,
};
const invalidResponse: Row = {
  code: 'ModelResponseInvalid',
  message: () => 'The model provider sent an answer that the agent cannot read',
};

/** The provider's own error codes say more than the status, where it sends one of these. */
const byProviderCode: Readonly<Record<string, Row>> = {
  model_not_found: notFound,
  insufficient_quota: {
    code: 'ModelQuotaExceeded',
    message: ({ keyName }) => `The account behind ${keyName} has no quota left; check its plan and billing`,
  },
};

const throttled: Row = {
  code: 'ModelThrottled',
  message: ({ keyName }) => `The model provider throttled ${keyName}`,
};

const byStatus: Readonly<Record<number, Row>> = {
  401: {
    code: 'ModelKeyRefused',
    message: ({ keyName, keyRemedy }) => `The model provider refused ${keyName}. ${keyRemedy}`,
  },
  403: {
    code: 'ModelAccessDenied',
    message: ({ keyName, model }) => `The model provider does not let ${keyName} use the ${nameOf(model)}`,
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
    message: ({ model }) => `The conversation is longer than the ${nameOf(model)} can read`,
  },
  MaxTokensError: {
    code: 'ModelResponseInvalid',
    message: ({ model }) => `The answer of the ${nameOf(model)} was cut off at its greatest length`,
  },
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
    const message = () => 'The certificate of the model provider is not trusted';
    return explain({ code: 'ModelCertificateRefused', message }, context, { reason: certificate });
  }
  const connection = chain.find((cause) => cause instanceof APIConnectionError);
  if (connection) {
    return explain({ ...unavailable, message: () => 'The model provider could not be reached' }, context, {
      reason: networkCode(chain),
    });
  }
  const api = chain.find((cause) => cause instanceof APIError);
  if (api) {
    const providerCode = plainCode(api.code);
    // An error event in the middle of a stream has no status: it is a failure of the provider.
    const status = api.status ?? 500;
    const row =
      (providerCode === undefined ? undefined : byProviderCode[providerCode]) ??
      byStatus[status] ??
      (status >= 500 ? unavailable : rejected);
    return explain(row, context, { reason: providerCode, detail: `HTTP ${api.status ?? 'stream error'}` });
  }
  // Strands' own for an event of the Responses API that says that the answer failed.
  const failed = chain.find(
    (cause) => cause.name === 'Error' && 'code' in cause && plainCode(cause.code) !== undefined,
  );
  if (failed && 'code' in failed) {
    const providerCode = plainCode(failed.code) ?? '';
    const row = byProviderCode[providerCode] ?? (providerCode === 'rate_limit_exceeded' ? throttled : unavailable);
    return explain(row, context, { reason: providerCode, detail: 'failed response' });
  }
  const strands = chain.map((cause) => byStrandsName[cause.name]).find((row) => row !== undefined);
  if (strands) return explain(strands, context, {});
  // The connection that breaks in the middle of an answer shows itself as undici's TypeError.
  if (chain.some((cause) => cause instanceof TypeError && cause.message === 'terminated')) {
    return explain({ ...unavailable, message: () => 'The model provider broke off its answer' }, context, {
      reason: networkCode(chain),
    });
  }
  // What is left of the model's errors: chunks or tool arguments that are no JSON, a stream that ends too soon.
  if (chain.some((cause) => cause instanceof SyntaxError || cause.message.startsWith('Stream ended'))) {
    return explain(invalidResponse, context, { detail: chain.at(-1)?.name ?? '' });
  }
  return asInvocationError(error);
}

function nameOf(model: ModelSettings): string {
  if (model.provider === 'openai') return `model "${model.modelId}"`;
  const route = model.apiVersion === undefined ? 'the v1 route' : `API version ${model.apiVersion}`;
  return `deployment "${model.deployment}" at ${model.endpoint} (${route})`;
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
