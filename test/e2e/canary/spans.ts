// Given to an agent with `node --import`: writes every OpenTelemetry span to a file, as a collector would send it on.
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
// The version that the agent's own bundle holds: the two find each other through the global object.
import { type Attributes, type Exception, type Span, type Tracer, trace } from '@opentelemetry/api';

const file = join(process.env.CANARY_SPANS ?? '.', `${process.pid}.jsonl`);

function startSpan(name: string, options: { attributes?: Attributes } = {}): Span {
  const span = { name, attributes: { ...options.attributes }, events: [] as unknown[], status: {} as object };
  const context = { traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), traceFlags: 1 };
  const self: Span = {
    spanContext: () => context,
    setAttribute(key, value) {
      span.attributes[key] = value;
      return self;
    },
    setAttributes(attributes) {
      Object.assign(span.attributes, attributes);
      return self;
    },
    addEvent(event, attributes) {
      span.events.push({ event, attributes });
      return self;
    },
    addLink: () => self,
    addLinks: () => self,
    setStatus(status) {
      span.status = status;
      return self;
    },
    updateName(newName) {
      span.name = newName;
      return self;
    },
    end: () => appendFileSync(file, `${JSON.stringify(span)}\n`),
    isRecording: () => true,
    recordException: (exception) => void span.events.push({ exception: described(exception) }),
  };
  return self;
}

/** As the OpenTelemetry SDK records an exception. */
function described(exception: Exception): object {
  if (typeof exception === 'string') return { message: exception };
  const { name, message, stack } = exception as { name?: string; message?: string; stack?: string };
  return { name, message, stack };
}

const tracer = { startSpan, startActiveSpan: (_name: string, run: (span: Span) => unknown) => run(startSpan(_name)) };
trace.setGlobalTracerProvider({ getTracer: () => tracer as Tracer });
