import { Duration } from 'aws-cdk-lib';
import type { IBedrockAgentRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';

const namespace = 'AWS/Bedrock-AgentCore';
const period = Duration.minutes(5);

/** What AgentCore Runtime measures of a runtime, over several of its endpoints. Percentiles are the worst endpoint's. */
export class RuntimeMetrics {
  readonly #runtime: IBedrockAgentRuntime;
  readonly #endpoints: readonly string[];

  constructor(runtime: IBedrockAgentRuntime, endpoints: readonly string[]) {
    this.#runtime = runtime;
    this.#endpoints = endpoints;
  }

  /** @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability-runtime-metrics.html */
  count(metricName: 'Invocations' | 'SystemErrors' | 'UserErrors' | 'Throttles' | 'Sessions', label: string): IMetric {
    return this.#together(
      metricName,
      Stats.SUM,
      label,
      (ids) => `SUM([${ids.map((id) => `FILL(${id}, 0)`).join(', ')}])`,
    );
  }

  /** In milliseconds. */
  latency(percentile: 50 | 90 | 99, label: string): IMetric {
    return this.#together('Latency', Stats.percentile(percentile), label, (ids) => `MAX([${ids.join(', ')}])`);
  }

  /** Hours of virtual CPU, or of a gigabyte of memory, that were used. */
  usage(metricName: 'CPUUsed-vCPUHours' | 'MemoryUsed-GBHours', label: string): IMetric {
    const dimensionsMap = { Service: 'AgentCore.Runtime', Resource: this.#runtime.agentRuntimeArn };
    return new Metric({ namespace, metricName, dimensionsMap, statistic: Stats.SUM, label, period });
  }

  #together(
    metricName: string,
    statistic: string,
    label: string,
    expression: (ids: readonly string[]) => string,
  ): IMetric {
    const usingMetrics = Object.fromEntries(
      this.#endpoints.map((endpoint, index) => {
        const dimensionsMap = { Name: `${this.#runtime.agentRuntimeName}::${endpoint}` };
        return [
          idOf(metricName, statistic, index),
          this.#runtime.metric(metricName, { statistic, dimensionsMap, period }),
        ];
      }),
    );
    return new MathExpression({ expression: expression(Object.keys(usingMetrics)), usingMetrics, label, period });
  }
}

/** Another one for each metric of a graph. */
function idOf(metricName: string, statistic: string, index: number): string {
  return `${metricName.charAt(0).toLowerCase()}${metricName.slice(1)}${statistic.replace(/\W/g, '')}${index}`;
}

/**
 * What AgentCore Identity measures of the keys of credential providers. Its metrics have dimensions that cannot be known
 * before (which workload identity, which error); a query of Metrics Insights sums them up, and an alarm can be on one.
 *
 * @param providers names: the keys of all of them count
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability-identity-metrics.html
 */
export function keyMetric(
  metricName: 'ApiKeyFetchSuccess' | 'ApiKeyFetchFailures' | 'ApiKeyFetchThrottles',
  providers: readonly string[],
  label: string,
): IMetric {
  const which = providers.map((name) => `ProviderName = '${name}'`).join(' OR ');
  return new MathExpression({
    expression: `SELECT SUM(${metricName}) FROM "${namespace}" WHERE ${which}`,
    usingMetrics: {},
    label,
    period,
  });
}

/** What Lambda measures of a function. */
export function functionMetric(metricName: 'Invocations' | 'Errors', functionName: string, label: string): IMetric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: functionName },
    statistic: Stats.SUM,
    label,
    period,
  });
}
