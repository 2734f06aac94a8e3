import { AwsError } from '../errors.ts';
import { constraintViolation } from './validation.ts';

const maxHeaders = 20;
const customPrefix = 'x-amzn-bedrock-agentcore-runtime-custom-';

/**
 * Headers that no runtime may let through, by AWS's list.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-header-allowlist.html
 */
const restricted: ReadonlySet<string> = new Set(
  [
    'proxy-authorization www-authenticate',
    'accept accept-charset accept-encoding accept-language content-type content-length content-encoding',
    'content-language content-location content-range',
    'cache-control etag expires if-match if-modified-since if-none-match if-range if-unmodified-since last-modified',
    'pragma vary connection keep-alive proxy-connection upgrade host user-agent referer from',
    'range accept-ranges transfer-encoding te trailer server date location retry-after set-cookie cookie',
    'content-security-policy content-security-policy-report-only strict-transport-security x-content-type-options',
    'x-frame-options x-xss-protection referrer-policy permissions-policy cross-origin-embedder-policy',
    'cross-origin-opener-policy cross-origin-resource-policy',
    'access-control-allow-origin access-control-allow-methods access-control-allow-headers',
    'access-control-allow-credentials access-control-expose-headers access-control-max-age',
    'access-control-request-method access-control-request-headers origin',
    'accept-ch accept-ch-lifetime dpr width viewport-width downlink ect rtt save-data clear-site-data feature-policy',
    'expect-ct public-key-pins public-key-pins-report-only via forwarded x-forwarded-for x-forwarded-host',
    'x-forwarded-proto x-real-ip x-requested-with x-csrf-token true-client-ip x-client-ip x-cluster-client-ip',
    'x-originating-ip x-source-ip x-original-url x-original-host x-rewrite-url cf-ray cf-connecting-ip x-cache',
    'x-served-by link sec-websocket-key sec-websocket-accept sec-websocket-version sec-websocket-protocol',
    'sec-websocket-extensions',
  ].flatMap((line) => line.split(' ')),
);

/**
 * Checks which headers a runtime may let through from its callers.
 *
 * @throws AwsError ValidationException
 */
export function checkRequestHeaders(allowList: readonly string[] | undefined): void {
  if (!allowList) return;
  const name = 'requestHeaderConfiguration.requestHeaderAllowlist';
  if (allowList.length < 1 || allowList.length > maxHeaders) {
    throw constraintViolation(name, allowList.length, `Member must have 1 to ${maxHeaders} items`);
  }
  if (new Set(allowList.map((each) => each.toLowerCase())).size < allowList.length) {
    throw new AwsError('ValidationException', 'The request header allowlist has the same header twice.');
  }
  for (const header of allowList) {
    if (!/^[\w-]{1,256}$/.test(header)) throw constraintViolation(name, header, 'Member must be the name of a header');
    if (!mayPass(header.toLowerCase())) {
      throw new AwsError(
        'ValidationException',
        `The header ${header} is restricted and cannot be passed to a runtime.`,
      );
    }
  }
}

function mayPass(header: string): boolean {
  if (header.startsWith(customPrefix)) return true;
  // It needs a JWT authorizer, which local-aws does not know.
  if (header === 'authorization') return false;
  return !header.startsWith('x-amz-') && !header.startsWith('x-amzn-') && !restricted.has(header);
}
