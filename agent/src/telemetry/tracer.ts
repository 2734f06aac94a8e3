import { type Tracer, trace } from '@opentelemetry/api';

/** Asked for each time: whoever keeps one from before tracing has started keeps one that does nothing. */
export function tracer(): Tracer {
  return trace.getTracer('outbound-auth-agent');
}
