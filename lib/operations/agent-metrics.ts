import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnMetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct, type IDependable } from 'constructs';
import type { Environment } from '../environments/index.ts';
import { codesOf, type FailureKind } from './failures.ts';

/** What is counted in the agent's log. */
interface Filter {
  readonly pattern: string;
  /** A selector; none counts the lines. */
  readonly value?: string;
  readonly unit: 'Count' | 'Milliseconds';
  /** Selectors, by the names of the dimensions. */
  readonly dimensions?: Readonly<Record<string, string>>;
}

const failed = '$.message = "invocation failed"';

const filters = {
  /** Invocations that failed and were not the caller's to mend. */
  FailedInvocations: { pattern: `{ ${failed} && ${noneOf('caller')} }`, unit: 'Count' },
  /** Everything that failed by its code, also a tool's key that was not fetched. */
  Failures: { pattern: '{ $.code = * }', unit: 'Count', dimensions: { Code: '$.code' } },
  NoWorkloadToken: { pattern: `{ ${oneOf('noToken')} }`, unit: 'Count' },
  KeyRefused: { pattern: `{ ${oneOf('keyRefused')} }`, unit: 'Count' },
  ModelThrottled: { pattern: `{ ${oneOf('modelThrottled')} }`, unit: 'Count' },
  ModelQuotaExceeded: { pattern: `{ ${oneOf('modelQuota')} }`, unit: 'Count' },
  ModelFailed: { pattern: `{ ${oneOf('modelFailed')} }`, unit: 'Count' },
  /** Time that a whole answer took; how many there are is how many invocations succeeded. */
  Latency: { pattern: '{ $.message = "invocation succeeded" }', value: '$.durationMs', unit: 'Milliseconds' },
  InputTokens: { pattern: '{ $.inputTokens = * }', value: '$.inputTokens', unit: 'Count' },
  OutputTokens: { pattern: '{ $.outputTokens = * }', value: '$.outputTokens', unit: 'Count' },
} as const satisfies Readonly<Record<string, Filter>>;

export type AgentMetric = keyof typeof filters;

export interface AgentMetricsProps {
  readonly environment: Pick<Environment, 'name'>;
  readonly logGroupNames: readonly string[];
  /** What makes sure that the log groups are there. */
  readonly logGroups: IDependable;
}

/**
 * The agent's own metrics, counted in the lines of its log: AgentCore's do not know what came in a 200, nor what the model
 * provider said. Nothing of what was said is in those lines.
 */
export class AgentMetrics extends Construct {
  /**
   * A namespace for each environment: a metric filter takes dimensions from the line only, which does not know where it was
   * written.
   */
  readonly namespace: string;

  constructor(scope: Construct, id: string, { environment, logGroupNames, logGroups }: AgentMetricsProps) {
    super(scope, id);
    this.namespace = `AgentCoreOutboundAuth/${environment.name}`;
    logGroupNames.forEach((logGroupName, index) => {
      for (const [name, filter] of Object.entries<Filter>(filters)) {
        const { pattern, value = '1', unit, dimensions } = filter;
        const resource = new CfnMetricFilter(this, `${name}${index}`, {
          logGroupName,
          filterPattern: pattern,
          metricTransformations: [
            {
              metricName: name,
              metricNamespace: this.namespace,
              metricValue: value,
              unit,
              ...(dimensions && {
                dimensions: Object.entries(dimensions).map(([key, selector]) => ({ key, value: selector })),
              }),
            },
          ],
        });
        resource.node.addDependency(logGroups);
      }
    });
  }

  /** @param statistic Default: the sum. */
  metric(metricName: Exclude<AgentMetric, 'Failures'>, label?: string, statistic: string = Stats.SUM): Metric {
    return new Metric({ namespace: this.namespace, metricName, statistic, ...(label && { label }), period });
  }

  /** Failures by their code, for a graph: an alarm cannot search. */
  failuresByCode(): MathExpression {
    return new MathExpression({
      expression: `SEARCH('{${this.namespace},Code} MetricName="Failures"', 'Sum', ${period.toSeconds()})`,
      usingMetrics: {},
      label: '',
      period,
    });
  }
}

const period = Duration.minutes(5);

function oneOf(kind: FailureKind): string {
  return codesOf(kind)
    .map((code) => `$.code = "${code}"`)
    .join(' || ');
}

function noneOf(kind: FailureKind): string {
  return codesOf(kind)
    .map((code) => `$.code != "${code}"`)
    .join(' && ');
}
