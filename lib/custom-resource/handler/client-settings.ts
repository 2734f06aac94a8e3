/**
 * Settings for the clients of the AWS SDK.
 *
 * @param longestSilence milliseconds after which a call that gets no answer, or no more of it, fails as a fault of the
 * network: a connection that hangs must not use up all the time of a run
 */
export function clientSettings(longestSilence = 10_000) {
  return {
    // When to try again is decided in one place, which knows how much time is left.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 3_000,
      requestTimeout: longestSilence,
      // Otherwise the SDK only warns of it, and waits on.
      throwOnRequestTimeout: true,
      // The other limit ends with the first byte of the answer.
      socketTimeout: longestSilence,
    },
  };
}
