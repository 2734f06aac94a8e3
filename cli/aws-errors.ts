const credentials = 'log in (aws sso login, AWS_PROFILE, …) and try again';

/** By the names that AWS and its SDK give the errors that a person at a terminal can do something about. */
const sentences: Readonly<Record<string, string>> = {
  CredentialsProviderError: `There are no AWS credentials: ${credentials}.`,
  ExpiredToken: `The AWS credentials have expired: ${credentials}.`,
  ExpiredTokenException: `The AWS credentials have expired: ${credentials}.`,
  InvalidClientTokenId: `AWS does not know the credentials: ${credentials}.`,
  UnrecognizedClientException: `AWS does not know the credentials: ${credentials}.`,
  InvalidSignatureException: `AWS does not accept the secret access key, or the clock of this machine is wrong: ${credentials}.`,
};

/** By what a connection that did not come about is called. */
const unreachable: Readonly<Record<string, string>> = {
  ENOTFOUND: 'has no address',
  EAI_AGAIN: 'has no address now',
  ECONNREFUSED: 'refuses the connection',
  ETIMEDOUT: 'does not answer',
};

/**
 * One sentence for an error of the AWS SDK that means: not as you are logged in, not from here.
 *
 * @returns undefined for every other error
 */
export function describeAwsError(error: Error): string | undefined {
  if (error.message === 'Region is missing') {
    return 'There is no AWS Region: set "region" of the environment in cdk.json, or AWS_REGION.';
  }
  const { code, hostname, address, port } = connectionOf(error);
  const problem = unreachable[code ?? ''];
  if (problem) {
    const host = hostname ?? (address === undefined ? 'AWS' : `${address}:${port}`);
    return `${host} ${problem}: is the Region right, and AWS_ENDPOINT_URL or --endpoint-url?`;
  }
  return Object.hasOwn(sentences, error.name) ? sentences[error.name] : undefined;
}

interface ConnectionError {
  readonly code?: string;
  readonly hostname?: string;
  readonly address?: string;
  readonly port?: number;
}

function connectionOf(error: Error): ConnectionError {
  // A name with several addresses fails with all of them at once.
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return (first instanceof Error ? first : error) as ConnectionError;
}
