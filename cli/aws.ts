import type { Environment } from '../lib/environments/index.ts';
import { UsageError } from './arguments.ts';

/** Configuration of any AWS SDK client: what is not in it comes from where every AWS tool takes it. */
export interface AwsClientConfig {
  readonly region?: string;
  readonly endpoint?: string;
}

/**
 * Where the commands reach an environment.
 *
 * @param endpointUrl another place than AWS, such as `http://127.0.0.1:4566`
 * @throws UsageError for what is no URL
 */
export function clientConfig({ region }: Environment, endpointUrl: string | undefined): AwsClientConfig {
  if (endpointUrl !== undefined && !URL.canParse(endpointUrl)) {
    throw new UsageError(`--endpoint-url "${endpointUrl}" is not a URL such as http://127.0.0.1:4566.`);
  }
  return { ...(region && { region }), ...(endpointUrl && { endpoint: endpointUrl }) };
}
