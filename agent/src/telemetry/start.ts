import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { RuntimeSettings } from '../settings.ts';
import type { Environment } from '../variables.ts';
import { visibleParts } from './content.ts';
import { traceDestination } from './destination.ts';
import { randomIds } from './ids.ts';
import { inInvocationSpan } from './invocation-span.ts';
import { OtlpExporter } from './otlp-exporter.ts';
import { resourceOf } from './resource.ts';
import { AgentSpanProcessor } from './span-processor.ts';
import type { Telemetry } from './telemetry.ts';

/** What bounds the spans in memory, their number and their size, and how long they may take to leave. */
const limits = {
  queuedSpans: 2048,
  /** With 10 KB a span this is half of the 5 MB that X-Ray takes at once. */
  spansOfOneRequest: 256,
  exportMs: 5000,
  stopMs: 3000,
} as const;

/**
 * Makes this agent the one that answers OpenTelemetry's API, which Strands writes its spans to.
 *
 * @param settings with tracing on
 * @param env the variables of AgentCore Runtime and of OpenTelemetry, which say what the agent is called
 */
export function startTelemetry(settings: RuntimeSettings, env: Environment): Telemetry {
  const withContent = settings.tracing === 'content';
  const exporter = new OtlpExporter(traceDestination(settings, env), limits.exportMs);
  const batch = new BatchSpanProcessor(exporter, {
    maxQueueSize: limits.queuedSpans,
    maxExportBatchSize: limits.spansOfOneRequest,
    exportTimeoutMillis: limits.exportMs,
  });
  const provider = new BasicTracerProvider({
    resource: resourceOf(env),
    idGenerator: randomIds,
    spanProcessors: [new AgentSpanProcessor(batch, visibleParts(withContent))],
    // Strands writes the conversation into events, all of it into the span of each step.
    spanLimits: { eventCountLimit: withContent ? 64 : 0, attributeCountLimit: 64, attributeValueLengthLimit: 4000 },
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  const send = sender(() => batch.forceFlush());
  return {
    async traceInvocation(request, serve) {
      await inInvocationSpan(request, serve);
      // Now, and not when there are many: the platform may stop the clock of an agent that has nothing to do.
      void send();
    },
    stop: () => settled(send(), limits.stopMs),
  };
}

/** One sending at a time; who comes in the meantime shares the next. */
function sender(flush: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= current.then(() => {
      next = undefined;
      // The exporter has said what went wrong.
      current = flush().catch(() => undefined);
      return current;
    });
    return next;
  };
}

function settled(work: Promise<void>, mostMs: number): Promise<void> {
  return Promise.race([work, new Promise<void>((resolve) => void setTimeout(resolve, mostMs))]);
}
