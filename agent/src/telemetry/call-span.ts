import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { asInvocationError } from '../invocation-error.ts';
import { attributeNames } from './attributes.ts';
import { tracer } from './tracer.ts';

/**
 * Does something inside of a span, below the span that is active. Where tracing is off, it costs next to nothing.
 *
 * @param operation of AgentCore's API, the name of the span
 * @param attributes identifiers and figures; never a key, a token or a text
 * @returns what the work returns; if it throws, the span has the code of the error and nothing else of it
 */
export async function inCallSpan<T>(
  operation: string,
  attributes: Readonly<Record<string, string>>,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = tracer().startSpan(operation, {
    kind: SpanKind.CLIENT,
    attributes: {
      [attributeNames.rpcSystem]: 'aws-api',
      [attributeNames.rpcService]: 'BedrockAgentCore',
      [attributeNames.rpcMethod]: operation,
      ...attributes,
    },
  });
  try {
    return await context.with(trace.setSpan(context.active(), span), () => work(span));
  } catch (error) {
    span.setAttribute(attributeNames.error, asInvocationError(error).code);
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}
