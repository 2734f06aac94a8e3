import type { ErrorCode } from '../../agent/src/invocation-error.ts';

/**
 * Whose affair a failure is: the key is refused by the model provider, or it throttles the key, or the key's account has
 * nothing left, or the provider fails otherwise; AgentCore gave no workload access token, or Identity no key for it; the
 * caller did something wrong, or went away; the agent itself failed.
 */
export type FailureKind =
  | 'keyRefused'
  | 'modelThrottled'
  | 'modelQuota'
  | 'modelFailed'
  | 'noToken'
  | 'noKey'
  | 'caller'
  | 'agent';

/** Every code that the agent's log can have. */
const kinds: Readonly<Record<ErrorCode, FailureKind>> = {
  InvalidPayload: 'caller',
  PayloadTooLarge: 'caller',
  PayloadTimeout: 'caller',
  WorkloadAccessTokenConflict: 'caller',
  WorkloadAccessTokenMissing: 'noToken',
  WorkloadAccessTokenRejected: 'noToken',
  WorkloadAccessTokenDenied: 'noToken',
  WorkloadAccessTokenUnavailable: 'noToken',
  WorkloadIdentityNotFound: 'noToken',
  CredentialProviderNotFound: 'noKey',
  ApiKeyAccessDenied: 'noKey',
  ApiKeyRequestRejected: 'noKey',
  ApiKeyThrottled: 'noKey',
  ApiKeyUnavailable: 'noKey',
  ModelKeyRefused: 'keyRefused',
  ModelAccessDenied: 'keyRefused',
  ModelNotFound: 'modelFailed',
  ModelRejectedRequest: 'modelFailed',
  ModelThrottled: 'modelThrottled',
  ModelQuotaExceeded: 'modelQuota',
  ModelTimeout: 'modelFailed',
  ModelCertificateRefused: 'modelFailed',
  ModelUnavailable: 'modelFailed',
  ModelResponseInvalid: 'modelFailed',
  SessionBusy: 'caller',
  ToolLoopLimitExceeded: 'agent',
  ClientClosedRequest: 'caller',
  ShuttingDown: 'agent',
  InternalError: 'agent',
};

/** The codes of failures of a kind, as the agent logs them. */
export function codesOf(kind: FailureKind): string[] {
  return Object.entries(kinds).flatMap(([code, each]) => (each === kind ? [code] : []));
}
