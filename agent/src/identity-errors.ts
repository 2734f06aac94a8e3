import { type ErrorCode, InvocationError } from './invocation-error.ts';
import { redact } from './redact.ts';

interface Row {
  readonly code: ErrorCode;
  readonly message: (subject: string) => string;
  /** AWS's own words name the role, the action and the resource: for these errors nothing helps more. */
  readonly appendAwsMessage?: true;
}

/** By the names that GetResourceApiKey, and the SDK on its way there, give their errors. */
const identityErrors: Readonly<Record<string, Row>> = {
  AccessDeniedException: {
    code: 'ApiKeyAccessDenied',
    message: (provider) =>
      `The execution role of the agent may not fetch the API key of ${provider}, or may not read its secret.`,
    appendAwsMessage: true,
  },
  ResourceNotFoundException: {
    code: 'CredentialProviderNotFound',
    message: (provider) => `There is no ${provider} in the account and Region of the agent, or its secret is gone.`,
  },
  UnauthorizedException: {
    code: 'WorkloadAccessTokenRejected',
    message: (provider) =>
      `AgentCore Identity did not accept the workload access token for ${provider}; a new invocation brings a new one.`,
  },
  ValidationException: {
    code: 'ApiKeyRequestRejected',
    message: (provider) => `AgentCore Identity rejected the request for the API key of ${provider} as invalid.`,
  },
  ThrottlingException: {
    code: 'ApiKeyThrottled',
    message: (provider) => `AgentCore Identity throttled the request for the API key of ${provider}.`,
  },
};

const anythingElse: Row = {
  code: 'ApiKeyUnavailable',
  message: (provider) => `AgentCore Identity did not give the API key of ${provider}.`,
};

/** The same for GetWorkloadAccessToken. */
const tokenErrors: Readonly<Record<string, Row>> = {
  AccessDeniedException: {
    code: 'WorkloadAccessTokenDenied',
    message: (identity) => `The execution role of the agent may not get a workload access token of ${identity}.`,
    appendAwsMessage: true,
  },
  ResourceNotFoundException: {
    code: 'WorkloadIdentityNotFound',
    message: (identity) => `There is no ${identity} in the account and Region of the agent.`,
  },
};

const anyOtherTokenError: Row = {
  code: 'WorkloadAccessTokenUnavailable',
  message: (identity) => `AgentCore Identity gave no workload access token of ${identity}.`,
};

/**
 * Says in the agent's words what AgentCore Identity, or the way there, answered.
 *
 * @param error what the AWS SDK threw; an InvocationError passes unchanged
 * @param providerName the credential provider that was asked for
 */
export function fromIdentityError(error: unknown, providerName: string): InvocationError {
  return describe(error, identityErrors, anythingElse, `credential provider "${providerName}"`);
}

/**
 * The same for a workload access token of the agent's own.
 *
 * @param workloadIdentityName the workload identity that was asked for
 */
export function fromTokenError(error: unknown, workloadIdentityName: string): InvocationError {
  return describe(error, tokenErrors, anyOtherTokenError, `workload identity "${workloadIdentityName}"`);
}

/** A ValidationException the token, a SyntaxError the beginning of an answer that is no JSON: maybe that of the key. */
const quotesWhatItRefuses = new Set(['ValidationException', 'SyntaxError']);

function describe(error: unknown, rows: Readonly<Record<string, Row>>, otherwise: Row, subject: string) {
  if (error instanceof InvocationError) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const row = rows[name] ?? otherwise;
  const sentence = row.message(subject);
  const awsMessage = redact(message);
  return new InvocationError(
    row.code,
    row.appendAwsMessage && awsMessage ? `${sentence} AWS says: ${awsMessage}` : sentence,
    quotesWhatItRefuses.has(name) ? name : `${name}: ${awsMessage}`,
  );
}
