import { Aspects } from 'aws-cdk-lib';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/**
 * Sets how long every log group below a construct keeps its logs.
 *
 * @param days one of the numbers that CloudWatch Logs takes
 */
export function setLogRetention(scope: Construct, days: number): void {
  Aspects.of(scope).add({
    visit(node) {
      if (node instanceof CfnLogGroup) node.retentionInDays = days;
    },
  });
}
