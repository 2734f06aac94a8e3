import { detectResources, envDetector, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { Environment } from '../variables.ts';

/**
 * What all spans of the process have in common. AgentCore Runtime says it in `OTEL_RESOURCE_ATTRIBUTES`: the name of the
 * runtime, its ARN and its log group, by which CloudWatch joins spans, log and agent.
 *
 * @param env the variables of the process
 */
export function resourceOf(env: Environment): Resource {
  const logGroup = /(?:^|,)x-aws-log-group=([^,]+)/.exec(env.OTEL_EXPORTER_OTLP_LOGS_HEADERS ?? '')?.[1];
  return resourceFromAttributes({
    'service.name': 'outbound-auth-agent',
    // Without it CloudWatch's GenAI Observability does not list the agent.
    'aws.service.type': 'gen_ai_agent',
    ...(logGroup && { 'aws.log.group.names': logGroup }),
  }).merge(detectResources({ detectors: [envDetector] }));
}
