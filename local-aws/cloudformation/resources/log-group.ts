import { AwsError } from '../../errors.ts';
import type { LogGroupSettings } from '../../logs/log-store.ts';
import { logGroupArn, logGroupResource } from '../../logs/resources.ts';
import type { Properties, ResourceContext, ResourceProvider, ResourceResult } from '../resource-provider.ts';
import { authorizeTagChanges } from './tag-changes.ts';

/** The properties of `AWS::Logs::LogGroup` that local-aws knows. */
interface LogGroupProperties {
  readonly KmsKeyId?: string;
  readonly LogGroupName?: string;
  readonly RetentionInDays?: number;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

const tagging = { tag: 'logs:TagResource', untag: 'logs:UntagResource' };

/** `AWS::Logs::LogGroup`. */
export const logGroup: ResourceProvider = {
  type: 'AWS::Logs::LogGroup',
  replaceOn: ['LogGroupName'],
  properties: ['KmsKeyId', 'LogGroupName', 'RetentionInDays', 'Tags'],

  async create(context, properties) {
    const { aws, region, authorize } = context;
    const { LogGroupName, RetentionInDays } = properties as LogGroupProperties;
    const name = LogGroupName ?? context.generateName(512);
    const arn = logGroupResource(region, aws.account, name);
    authorize('logs:CreateLogGroup', arn);
    if (RetentionInDays !== undefined) authorize('logs:PutRetentionPolicy', arn);
    authorizeTagChanges(context, arn, tagging, properties);
    if (aws.logs.hasGroup(region, name)) {
      const identifier = JSON.stringify({ '/properties/LogGroupName': name });
      throw new AwsError(
        'ResourceAlreadyExistsException',
        `Resource of type 'AWS::Logs::LogGroup' with identifier '${identifier}' already exists.`,
      );
    }
    aws.logs.createGroup(region, name, settingsOf(properties));
    return made(context, name);
  },

  async update(context, name, properties, oldProperties) {
    const { aws, region, authorize } = context;
    const { RetentionInDays, KmsKeyId } = properties as LogGroupProperties;
    const before = oldProperties as LogGroupProperties;
    const arn = logGroupResource(region, aws.account, name);
    if (KmsKeyId !== before.KmsKeyId) {
      authorize(KmsKeyId === undefined ? 'logs:DisassociateKmsKey' : 'logs:AssociateKmsKey', arn);
    }
    authorize(RetentionInDays === undefined ? 'logs:DeleteRetentionPolicy' : 'logs:PutRetentionPolicy', arn);
    authorizeTagChanges(context, arn, tagging, properties, oldProperties);
    aws.logs.configure(region, name, settingsOf(properties));
    return made(context, name);
  },

  async delete(context, name) {
    const { aws, region, authorize } = context;
    if (!aws.logs.hasGroup(region, name)) return;
    authorize('logs:DeleteLogGroup', logGroupResource(region, aws.account, name));
    aws.logs.deleteGroup(region, name);
  },
};

function settingsOf(properties: Properties): LogGroupSettings {
  const { KmsKeyId, RetentionInDays, Tags = [] } = properties as LogGroupProperties;
  return {
    ...(RetentionInDays === undefined ? {} : { retentionInDays: Number(RetentionInDays) }),
    ...(KmsKeyId === undefined ? {} : { kmsKeyId: KmsKeyId }),
    ...(Tags.length > 0 && { tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])) }),
  };
}

function made({ aws, region }: ResourceContext, name: string): ResourceResult {
  return { physicalId: name, attributes: { Arn: `${logGroupArn(region, aws.account, name)}:*` } };
}
