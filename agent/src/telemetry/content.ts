import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { redact } from '../redact.ts';
import { attributeNames } from './attributes.ts';

/** Written by the agent or by Strands, from settings, headers and counters: nothing of them is what somebody said. */
const plain = new Set<string>([
  ...Object.values(attributeNames),
  'agent_loop.cycle_id',
  'gen_ai.agent.id',
  'gen_ai.agent.name',
  'gen_ai.agent.tools',
  'gen_ai.event.end_time',
  'gen_ai.event.start_time',
  'gen_ai.operation.name',
  'gen_ai.provider.name',
  'gen_ai.request.model',
  'gen_ai.server.request.duration',
  'gen_ai.system',
  'gen_ai.tool.status',
]);
/** Chosen by the model, which could write anything there. */
const namedByModel = 'gen_ai.tool.name';

/**
 * What may be seen of a span. Strands writes prompts, answers, the instructions, inputs and outputs of tools and the
 * messages of errors into events, attributes and status: by default, only what is known to hold none of it passes.
 *
 * @param withContent whether all of it passes, shortened, and without what looks like a key
 */
export function visibleParts(withContent: boolean): (span: ReadableSpan) => ReadableSpan {
  const attributes = withContent ? redacted : harmless;
  return (span) => ({
    // Its getters read private fields: a spread or a prototype would lose them.
    kind: span.kind,
    spanContext: () => span.spanContext(),
    ...(span.parentSpanContext && { parentSpanContext: span.parentSpanContext }),
    startTime: span.startTime,
    endTime: span.endTime,
    duration: span.duration,
    ended: span.ended,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
    // Of a tool, it has the name that the model gave.
    name: redact(span.name),
    attributes: attributes(span.attributes),
    status: {
      code: span.status.code,
      ...(withContent && span.status.message !== undefined && { message: redact(span.status.message) }),
    },
    events: withContent
      ? span.events.map(({ name, time, attributes = {} }) => ({ name, time, attributes: redacted(attributes) }))
      : [],
    links: [],
  });
}

function harmless(attributes: Attributes): Attributes {
  return select(attributes, (name, value) => {
    if (plain.has(name)) return value;
    if (name.startsWith('gen_ai.usage.')) return typeof value === 'number' ? value : undefined;
    return name === namedByModel ? withoutKeys(value) : undefined;
  });
}

function redacted(attributes: Attributes): Attributes {
  return select(attributes, (name, value) => (plain.has(name) ? value : withoutKeys(value)));
}

function withoutKeys(value: AttributeValue): AttributeValue {
  if (typeof value === 'string') return redact(value);
  return Array.isArray(value) ? value.map((each) => (typeof each === 'string' ? redact(each) : String(each))) : value;
}

function select(
  attributes: Attributes,
  choose: (name: string, value: AttributeValue) => AttributeValue | undefined,
): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => {
      const chosen = value === undefined ? undefined : choose(name, value);
      return chosen === undefined ? [] : [[name, chosen] as const];
    }),
  );
}
