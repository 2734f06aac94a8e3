import { Aspects } from 'aws-cdk-lib';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/**
 * Encrypts every log group below a construct with a customer managed KMS key. The key's policy must let CloudWatch Logs
 * of the Region use it, or the deployment fails.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export function encryptLogGroups(scope: Construct, keyArn: string): void {
  Aspects.of(scope).add({
    visit(node) {
      if (node instanceof CfnLogGroup) node.kmsKeyId = keyArn;
    },
  });
}
