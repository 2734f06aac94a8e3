import { Aspects } from 'aws-cdk-lib';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** Lets every log group below a construct keep what is in it for so many days. */
export function setLogRetention(scope: Construct, days: number): void {
  Aspects.of(scope).add({
    visit(node) {
      if (node instanceof CfnLogGroup) node.retentionInDays = days;
    },
  });
}
