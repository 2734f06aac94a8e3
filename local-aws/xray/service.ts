import type { Aws } from '../aws.ts';
import { AwsError } from '../errors.ts';
import { restJsonService } from '../http/rest-json.ts';
import { keepLast } from '../keep-last.ts';
import type { Call, Service } from '../service.ts';
import { readSpans } from './otlp.ts';

/** By AWS's limits of the endpoint. */
const maxBytes = 5_000_000;
const maxSpans = 10_000;

/**
 * X-Ray, as far as its OTLP endpoint goes: where spans arrive that CloudWatch Transaction Search then shows.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html
 */
export function xrayService({ spans }: Pick<Aws, 'spans'>): Service {
  return restJsonService({
    signingName: 'xray',
    title: 'X-Ray',
    routes: [
      {
        name: 'PutSpans',
        method: 'POST',
        path: '/v1/traces',
        rawPayload: true,
        run: (body: Buffer, call: Call) => {
          call.authorize('xray:PutSpans', '*');
          if (call.request.headers['content-type'] !== 'application/x-protobuf') {
            throw new AwsError('ValidationException', 'local-aws takes spans as application/x-protobuf.');
          }
          if (body.length > maxBytes) throw new AwsError('ValidationException', 'The request is larger than 5 MB.');
          const received = readSpans(body);
          if (received.length > maxSpans) throw new AwsError('ValidationException', 'More than 10,000 spans at once.');
          for (const span of received) keepLast(100_000, spans).push(span);
        },
      },
    ],
  });
}
