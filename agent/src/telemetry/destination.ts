import type { RuntimeSettings } from '../settings.ts';
import type { Environment } from '../variables.ts';
import { type SignHeaders, xraySigner } from './xray-signer.ts';

/** Where traces go. */
export interface TraceDestination {
  readonly url: URL;
  /** Undefined for a collector, which wants no signature. */
  readonly sign: SignHeaders | undefined;
}

/**
 * A collector, if OpenTelemetry's variables name one; otherwise the OTLP endpoint of AWS X-Ray in the agent's Region.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html
 */
export function traceDestination({ region, collectorUrl }: RuntimeSettings, env: Environment): TraceDestination {
  if (collectorUrl !== undefined) return { url: new URL(collectorUrl), sign: undefined };
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  // As AWS's SDKs do.
  const endpoint = env.AWS_ENDPOINT_URL_XRAY || env.AWS_ENDPOINT_URL || `https://xray.${region}.${suffix}`;
  return { url: new URL('/v1/traces', endpoint), sign: xraySigner(region) };
}
