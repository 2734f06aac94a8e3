import type { IncomingMessage } from 'node:http';
import {
  type Context,
  context,
  createContextKey,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { requestIdOf, sessionIdOf } from '../runtime-headers.ts';
import { attributeNames } from './attributes.ts';
import { parentOf } from './parent.ts';
import type { Serve } from './telemetry.ts';
import { tracer } from './tracer.ts';

const sessionIdKey = createContextKey('session id');

/** The session that a span belongs to, by the context in which it starts. */
export function sessionIdIn(context: Context): string | undefined {
  return context.getValue(sessionIdKey) as string | undefined;
}

/** Serves an invocation inside of a span, which says how it ended and nothing of what was said. */
export async function inInvocationSpan(request: IncomingMessage, serve: Serve): Promise<void> {
  const session = ROOT_CONTEXT.setValue(sessionIdKey, sessionIdOf(request));
  const parent = parentOf(request.headers);
  const outer = parent ? trace.setSpanContext(session, parent) : session;
  const attributes = {
    [attributeNames.method]: 'POST',
    [attributeNames.path]: '/invocations',
    [attributeNames.requestId]: requestIdOf(request),
  };
  const span = tracer().startSpan('POST /invocations', { kind: SpanKind.SERVER, attributes }, outer);
  const error = await context.with(trace.setSpan(outer, span), () => serve(span.spanContext().traceId));
  if (error) span.setAttribute(attributeNames.error, error.code).setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
