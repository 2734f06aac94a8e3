/**
 * Whether a connection failed for its certificate, which waiting does not mend.
 *
 * @param error what was thrown; its causes are looked at too
 * @returns what Node.js calls it, such as CERT_HAS_EXPIRED; undefined for any other failure
 */
export function certificateFault(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth++) {
    if ('code' in cause && typeof cause.code === 'string' && codes.test(cause.code)) return cause.code;
  }
  return undefined;
}

/** OpenSSL's reasons to refuse a certificate, and Node.js's own for one of another host. */
const codes =
  /^(CERT_[A-Z_]+|UNABLE_TO_[A-Z_]+|[A-Z_]*SELF_SIGNED[A-Z_]*|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH|ERR_TLS_CERT_ALTNAME_INVALID)$/;
