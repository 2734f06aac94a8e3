/** The parts of `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG` or `…@sha256:DIGEST`. */
export interface ImageUri {
  readonly account: string;
  readonly region: string;
  readonly repositoryName: string;
  /** The tag (`latest` when none is given) or the digest. */
  readonly reference: string;
  /** Undefined where a digest is given. */
  readonly tag: string | undefined;
}

const pattern =
  /^(?<account>\d{12})\.dkr\.ecr\.(?<region>[a-z0-9-]+)\.amazonaws\.com\/(?<name>[a-z0-9._/-]+)(?::(?<tag>[\w][\w.-]{0,127})|@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** The host of an account's registry in a Region. */
export function registryHost(account: string, region: string): string {
  return `${account}.dkr.ecr.${region}.amazonaws.com`;
}

/** Reads an image URI of ECR; undefined when it is none. */
export function parseImageUri(uri: string): ImageUri | undefined {
  const groups = pattern.exec(uri)?.groups;
  if (!groups) return undefined;
  const { account, region, name, tag, digest } = groups as Record<string, string | undefined>;
  return {
    account: account as string,
    region: region as string,
    repositoryName: name as string,
    reference: digest ?? tag ?? 'latest',
    tag: digest === undefined ? (tag ?? 'latest') : undefined,
  };
}
