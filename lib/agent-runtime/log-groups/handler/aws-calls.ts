import {
  AssociateKmsKeyCommand,
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DisassociateKmsKeyCommand,
  ListTagsForResourceCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { clientSettings } from '../../../custom-resource/handler/client-settings.ts';
import type { Calls } from './calls.ts';

/** The calls as the AWS SDK makes them, in the Region and with the role of the Lambda function. */
export function awsCalls(): Calls {
  const logs = new CloudWatchLogsClient(clientSettings());
  return {
    async createGroup(logGroupName, { kmsKeyArn: kmsKeyId, tags }) {
      await logs.send(new CreateLogGroupCommand({ logGroupName, ...(kmsKeyId && { kmsKeyId }), tags }));
    },
    async putRetention(logGroupName, retentionInDays) {
      await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
    },
    async associateKey(logGroupName, kmsKeyId) {
      await logs.send(new AssociateKmsKeyCommand({ logGroupName, kmsKeyId }));
    },
    async disassociateKey(logGroupName) {
      await logs.send(new DisassociateKmsKeyCommand({ logGroupName }));
    },
    async tagsOf(resourceArn) {
      const { tags } = await logs.send(new ListTagsForResourceCommand({ resourceArn }));
      return tags ?? {};
    },
    async tag(resourceArn, tags) {
      await logs.send(new TagResourceCommand({ resourceArn, tags }));
    },
    async untag(resourceArn, keys) {
      await logs.send(new UntagResourceCommand({ resourceArn, tagKeys: [...keys] }));
    },
    async deleteGroup(logGroupName) {
      await logs.send(new DeleteLogGroupCommand({ logGroupName }));
    },
    async listGroups(logGroupNamePrefix, nextToken) {
      const page = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix, nextToken }));
      const names = (page.logGroups ?? []).flatMap(({ logGroupName }) => logGroupName ?? []);
      return { names, nextToken: page.nextToken };
    },
  };
}
