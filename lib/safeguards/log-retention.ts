import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/**
 * Sets how long every log group below a construct keeps its logs. Once, and not by an aspect: what takes it away later is
 * to be found by the checks, not mended unseen.
 *
 * @param days one of the numbers that CloudWatch Logs takes
 */
export function setLogRetention(scope: Construct, days: number): void {
  for (const node of scope.node.findAll()) {
    if (node instanceof CfnLogGroup) node.retentionInDays = days;
  }
}
