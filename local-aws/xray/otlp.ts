import { bytesOf, type Fields, hexOf, messages, numberOf, readMessage, textOf } from './protobuf.ts';

export type AttributeValue = string | number | boolean | readonly AttributeValue[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A span as it was received. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** Nanoseconds since 1970. */
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly status: { readonly code: 'unset' | 'ok' | 'error'; readonly message: string };
  /** Of the process. */
  readonly resource: Attributes;
}

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const codes = ['unset', 'ok', 'error'] as const;

/**
 * Reads an `ExportTraceServiceRequest`.
 *
 * @param body http/protobuf
 * @throws AwsError SerializationException
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
export function readSpans(body: Buffer): Span[] {
  return messages(readMessage(body), 1).flatMap((resourceSpans) => {
    const resource = messages(resourceSpans, 1).map((each) => attributesOf(each, 1))[0] ?? {};
    const scopes = messages(resourceSpans, 2);
    return scopes.flatMap((scope) => messages(scope, 2)).map((span) => spanOf(span, resource));
  });
}

function spanOf(span: Fields, resource: Attributes): Span {
  const status = messages(span, 15)[0] ?? new Map();
  return {
    traceId: hexOf(span, 1),
    spanId: hexOf(span, 2),
    parentSpanId: hexOf(span, 4),
    name: textOf(span, 5),
    kind: kinds[Number(numberOf(span, 6))] ?? 'unspecified',
    start: numberOf(span, 7),
    end: numberOf(span, 8),
    attributes: attributesOf(span, 9),
    events: messages(span, 11).map((event) => ({ name: textOf(event, 2), attributes: attributesOf(event, 3) })),
    status: { code: codes[Number(numberOf(status, 3))] ?? 'unset', message: textOf(status, 2) },
    resource,
  };
}

function attributesOf(fields: Fields, number: number): Attributes {
  return Object.fromEntries(
    messages(fields, number).map((pair) => [textOf(pair, 1), valueIn(messages(pair, 2)[0] ?? new Map())]),
  );
}

function valueIn(value: Fields): AttributeValue {
  if (value.has(2)) return numberOf(value, 2) === 1n;
  if (value.has(3)) return Number(BigInt.asIntN(64, numberOf(value, 3)));
  if (value.has(4)) return doubleOf(numberOf(value, 4));
  if (value.has(5)) return messages(messages(value, 5)[0] ?? new Map(), 1).map(valueIn);
  return value.has(7) ? (bytesOf(value, 7)[0]?.toString('base64') ?? '') : textOf(value, 1);
}

function doubleOf(bits: bigint): number {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(bits);
  return bytes.readDoubleLE();
}
