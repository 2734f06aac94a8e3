import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';

/** @returns the headers to send: those given, and the signature */
export type SignHeaders = (
  url: URL,
  headers: Record<string, string>,
  body: Uint8Array,
) => Promise<Record<string, string>>;

/** Signs requests to AWS X-Ray with the credentials of the execution role, which it looks for at the first of them. */
export function xraySigner(region: string): SignHeaders {
  let signer: SignatureV4 | undefined;
  return async (url, headers, body) => {
    signer ??= new SignatureV4({ service: 'xray', region, credentials: defaultProvider(), sha256: Sha256 });
    const { protocol, hostname, host, pathname: path } = url;
    const signed = await signer.sign({ method: 'POST', protocol, hostname, path, headers: { ...headers, host }, body });
    const { host: _, ...rest } = signed.headers;
    return rest;
  };
}
