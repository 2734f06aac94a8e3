import type { IncomingHttpHeaders } from 'node:http';
import { type SpanContext, TraceFlags } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';

/**
 * The span of the caller that an invocation belongs to.
 *
 * @param headers `traceparent` as W3C has it, or else `X-Amzn-Trace-Id` as AWS has it, which AgentCore Runtime sends
 * @returns undefined if there is none, or none that can be read
 */
export function parentOf({ traceparent, 'x-amzn-trace-id': amazon }: IncomingHttpHeaders): SpanContext | undefined {
  const parent =
    (typeof traceparent === 'string' ? parseTraceParent(traceparent) : null) ??
    (typeof amazon === 'string' ? parseAmazonTraceId(amazon) : undefined);
  return parent && { ...parent, isRemote: true };
}

/** Such as `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`. */
function parseAmazonTraceId(header: string): SpanContext | undefined {
  const field = (name: string, value: string) =>
    new RegExp(`(?:^|;)\\s*${name}=(${value})\\s*(?:;|$)`).exec(header)?.[1];
  const root = field('Root', '1-[0-9a-f]{8}-[0-9a-f]{24}');
  const spanId = field('Parent', '[0-9a-f]{16}');
  if (root === undefined || spanId === undefined) return undefined;
  // Without the field, or with a question mark, the decision is left to whoever comes next.
  const refused = field('Sampled', '0') !== undefined;
  return {
    traceId: root.slice(2).replace('-', ''),
    spanId,
    traceFlags: refused ? TraceFlags.NONE : TraceFlags.SAMPLED,
  };
}
