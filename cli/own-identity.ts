import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsClientConfig } from './aws.ts';

/** The ARN of whoever runs the command, and the account it belongs to. No permission is needed to ask. */
export async function ownIdentity(
  client: AwsClientConfig,
): Promise<{ readonly arn: string; readonly account: string }> {
  const sts = new STSClient(client);
  try {
    const { Arn = 'unknown', Account = '' } = await sts.send(new GetCallerIdentityCommand({}));
    return { arn: Arn, account: Account };
  } finally {
    sts.destroy();
  }
}
