import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSpans, type Span } from '../../../local-aws/xray/otlp.ts';
import { startHttpServer } from './http-server.ts';

/** A collector of traces, which can do what a collector must not. */
export async function startCollector() {
  const collector = {
    url: '',
    spans: [] as Span[],
    /** All that was sent to it, as it was sent. */
    raw: Buffer.of(),
    requests: [] as { readonly path: string | undefined; readonly headers: NodeJS.Dict<string | string[]> }[],
    /** What it answers, in turn; the last one stays. */
    statuses: [200],
    /** Words of the answer. */
    words: '',
    /** In milliseconds. */
    delay: 0,
    close: async () => {},
  };
  const server = await startHttpServer(async (request, response) => {
    const body = await buffer(request);
    collector.requests.push({ path: request.url, headers: request.headers });
    await sleep(collector.delay, undefined, { ref: false });
    const [status = 200] = collector.statuses.length > 1 ? collector.statuses.splice(0, 1) : collector.statuses;
    if (status === 200) {
      collector.raw = Buffer.concat([collector.raw, body]);
      collector.spans.push(...readSpans(body));
    }
    response.writeHead(status).end(collector.words);
  });
  return Object.assign(collector, server);
}

/** The spans of a trace as an indented list, in the order in which they began. */
export function treeOf(spans: readonly Span[], describe = ({ name }: Span) => name): string {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const below = (parent: string | undefined, indent: string): string[] =>
    spans
      .filter(({ parentSpanId }) => (known.has(parentSpanId) ? parentSpanId : undefined) === parent)
      .sort((a, b) => Number(a.start - b.start))
      .flatMap((span) => [indent + describe(span), ...below(span.spanId, `${indent}  `)]);
  return below(undefined, '').join('\n');
}
