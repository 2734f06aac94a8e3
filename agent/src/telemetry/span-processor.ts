import type { Context } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { attributeNames } from './attributes.ts';
import { sessionIdIn } from './invocation-span.ts';

/** Marks every span with its session, and lets through no more of it than may be seen. */
export class AgentSpanProcessor implements SpanProcessor {
  readonly #next: SpanProcessor;
  readonly #visibleParts: (span: ReadableSpan) => ReadableSpan;

  constructor(next: SpanProcessor, visibleParts: (span: ReadableSpan) => ReadableSpan) {
    this.#next = next;
    this.#visibleParts = visibleParts;
  }

  onStart(span: Span, parentContext: Context): void {
    const sessionId = sessionIdIn(parentContext);
    if (sessionId !== undefined) span.setAttribute(attributeNames.sessionId, sessionId);
    this.#next.onStart(span, parentContext);
  }

  onEnd(span: ReadableSpan): void {
    this.#next.onEnd(this.#visibleParts(span));
  }

  forceFlush(): Promise<void> {
    return this.#next.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#next.shutdown();
  }
}
