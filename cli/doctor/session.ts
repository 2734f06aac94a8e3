import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import type { AwsClientConfig } from '../aws.ts';

/** An AWS SDK client that gives up soon: a doctor who waits is no help. */
const hasty = {
  maxAttempts: 2,
  requestHandler: {
    connectionTimeout: 3_000,
    requestTimeout: 8_000,
    // Otherwise the SDK only warns of it, and waits on.
    throwOnRequestTimeout: true,
  },
} as const;

/** Configuration of the SDK clients of all checks: they share the credentials, which are fetched once. */
export type SessionConfig = typeof hasty &
  AwsClientConfig & {
    readonly region: string;
    readonly credentials: NonNullable<STSClientConfig['credentials']>;
  };

/** Who looks, and where. */
export interface Session {
  readonly config: SessionConfig;
  readonly region: string;
  readonly account: string;
  /** ARN of the caller as STS says it. */
  readonly caller: string;
  /** Milliseconds by which the clock of AWS is ahead of this machine's. */
  readonly clockOffset: number;
}

/**
 * The Region that AWS clients on this machine use by themselves; undefined where there is none.
 *
 * @param client what the environment says of it is left out
 */
export async function ambientRegion({
  region: _ofEnvironment,
  ...client
}: AwsClientConfig): Promise<string | undefined> {
  const sts = new STSClient(client);
  try {
    return await sts.config.region();
  } catch {
    return undefined;
  } finally {
    sts.destroy();
  }
}

/**
 * Asks STS who the credentials belong to.
 *
 * @throws the SDK's errors: no credentials, expired ones, no way to STS
 */
export async function openSession(client: AwsClientConfig, region: string): Promise<Session> {
  const sts = new STSClient({ ...client, ...hasty, region });
  try {
    // Before the call, so that it is told from one that AWS refuses.
    await sts.config.credentials();
    const { Account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
    const { credentials, systemClockOffset } = sts.config;
    return {
      config: { ...client, ...hasty, region, credentials },
      region,
      account: Account,
      caller: Arn,
      clockOffset: systemClockOffset,
    };
  } finally {
    sts.destroy();
  }
}
