import { redact } from './redact.ts';

/**
 * The errors that a caller of the agent can see: for each the HTTP status it would have been, and whether the same
 * request may succeed later without anybody changing anything.
 */
export const errorCodes = {
  InvalidPayload: { status: 400, retryable: false },
  PayloadTooLarge: { status: 413, retryable: false },
  PayloadTimeout: { status: 408, retryable: true },
  WorkloadAccessTokenConflict: { status: 400, retryable: false },
  WorkloadAccessTokenMissing: { status: 401, retryable: false },
  WorkloadAccessTokenRejected: { status: 401, retryable: true },
  WorkloadAccessTokenDenied: { status: 403, retryable: false },
  WorkloadAccessTokenUnavailable: { status: 503, retryable: true },
  WorkloadIdentityNotFound: { status: 404, retryable: false },
  CredentialProviderNotFound: { status: 404, retryable: false },
  ApiKeyAccessDenied: { status: 403, retryable: false },
  ApiKeyRequestRejected: { status: 400, retryable: false },
  ApiKeyThrottled: { status: 429, retryable: true },
  ApiKeyUnavailable: { status: 503, retryable: true },
  ModelKeyRefused: { status: 401, retryable: false },
  ModelAccessDenied: { status: 403, retryable: false },
  ModelNotFound: { status: 404, retryable: false },
  ModelRejectedRequest: { status: 400, retryable: false },
  ModelThrottled: { status: 429, retryable: true },
  ModelQuotaExceeded: { status: 429, retryable: false },
  ModelTimeout: { status: 504, retryable: true },
  ModelCertificateRefused: { status: 502, retryable: false },
  ModelUnavailable: { status: 503, retryable: true },
  ModelResponseInvalid: { status: 502, retryable: true },
  SessionBusy: { status: 429, retryable: true },
  ToolLoopLimitExceeded: { status: 500, retryable: false },
  ClientClosedRequest: { status: 499, retryable: true },
  ShuttingDown: { status: 503, retryable: true },
  InternalError: { status: 500, retryable: false },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type ErrorCode = keyof typeof errorCodes;

/** The body of an error, as the caller gets it. */
export interface ErrorBody {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly retryable: boolean;
    /** The HTTP status it would have been: AgentCore Runtime would replace the body of a true one. */
    readonly status: number;
    readonly requestId: string;
  };
}

/** What went wrong with one invocation, in words that the caller may read: no key, no stack trace, no prompt. */
export class InvocationError extends Error {
  override readonly name = 'InvocationError';
  readonly code: ErrorCode;
  /** For the log only. */
  readonly detail: string | undefined;

  /**
   * @param code what happened
   * @param message one sentence that a person can act on
   * @param detail what only the operator should see; it must already be free of keys and prompts
   */
  constructor(code: ErrorCode, message: string, detail?: string) {
    super(message);
    this.code = code;
    this.detail = detail;
  }

  /** @param requestId what the caller can quote and the log can be searched for */
  toBody(requestId: string): ErrorBody {
    return { error: { code: this.code, message: this.message, ...errorCodes[this.code], requestId } };
  }
}

/**
 * Takes an error as it is, if it is one for the caller, and otherwise says no more than that the agent failed.
 *
 * @param error anything that was thrown; words that nobody foresaw go into the detail, for the log alone
 */
export function asInvocationError(error: unknown): InvocationError {
  if (error instanceof InvocationError) return error;
  return new InvocationError(
    'InternalError',
    'The agent failed; its log has the details under the request id.',
    describeForLog(error),
  );
}

/** @returns name and message of an error on one line, without keys and without a stack trace */
export function describeForLog(error: unknown): string {
  return redact(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}
