import type {
  Properties,
  ResourceContext,
  ResourceProvider,
  ResourceResult,
} from '../cloudformation/resource-provider.ts';
import { policyDocument } from '../cloudformation/resources/policy-document.ts';
import { AwsError } from '../errors.ts';
import { s3Error } from './errors.ts';

/**
 * `AWS::S3::Bucket`. What local-aws takes without doing it changes no answer here: objects are encrypted by nobody who could
 * be refused, no public comes by, and no process lives long enough for versions and uploads to expire.
 */
const bucketResource: ResourceProvider = {
  type: 'AWS::S3::Bucket',
  replaceOn: ['BucketName'],
  properties: [
    'AccessControl',
    'BucketEncryption',
    'BucketName',
    'LifecycleConfiguration',
    'PublicAccessBlockConfiguration',
    'Tags',
    'VersioningConfiguration',
  ],

  existing({ objects }, { BucketName }) {
    return typeof BucketName === 'string' && objects.hasBucket(BucketName) ? `the bucket ${BucketName}` : undefined;
  },

  async create(context, properties) {
    const { aws, region, authorize } = context;
    const name = String(properties.BucketName ?? context.generateName(63).toLowerCase());
    const arn = bucketArn(name);
    authorize('s3:CreateBucket', arn);
    authorizeSettings(context, arn, properties, {});
    if (aws.objects.hasBucket(name)) throw new AwsError('AlreadyExists', `${name} already exists`, 409);
    aws.objects.createBucket(name, region);
    return made(context, name);
  },

  async update(context, name, properties, oldProperties) {
    authorizeSettings(context, bucketArn(name), properties, oldProperties);
    return made(context, name);
  },

  async delete({ aws, authorize }, name) {
    if (!aws.objects.hasBucket(name)) return;
    authorize('s3:DeleteBucket', bucketArn(name));
    if (aws.objects.list(name).length > 0) throw s3Error('BucketNotEmpty');
    aws.objects.deleteBucket(name);
  },
};

const policyResource: ResourceProvider = {
  type: 'AWS::S3::BucketPolicy',
  replaceOn: ['Bucket'],
  properties: ['Bucket', 'PolicyDocument'],
  create: async (context, properties) => putPolicy(context, properties),
  update: async (context, _bucket, properties) => putPolicy(context, properties),

  async delete({ aws, authorize }, bucket) {
    if (aws.objects.policyOf(bucket) === undefined) return;
    authorize('s3:DeleteBucketPolicy', bucketArn(bucket));
    aws.objects.setPolicy(bucket, undefined);
  },
};

/** The CloudFormation types of S3. */
export const s3Resources: readonly ResourceProvider[] = [bucketResource, policyResource];

/** What CloudFormation calls S3 with for a property that changes. */
const actions: Readonly<Record<string, string>> = {
  AccessControl: 's3:PutBucketAcl',
  BucketEncryption: 's3:PutEncryptionConfiguration',
  LifecycleConfiguration: 's3:PutLifecycleConfiguration',
  PublicAccessBlockConfiguration: 's3:PutBucketPublicAccessBlock',
  Tags: 's3:PutBucketTagging',
  VersioningConfiguration: 's3:PutBucketVersioning',
};

function authorizeSettings(
  { authorize }: ResourceContext,
  arn: string,
  properties: Properties,
  oldProperties: Properties,
): void {
  for (const [name, action] of Object.entries(actions)) {
    if (JSON.stringify(properties[name]) !== JSON.stringify(oldProperties[name])) authorize(action, arn);
  }
}

function putPolicy({ aws, authorize }: ResourceContext, properties: Properties): ResourceResult {
  const bucket = String(properties.Bucket);
  const document = policyDocument(properties.PolicyDocument, 'resource');
  authorize('s3:PutBucketPolicy', bucketArn(bucket));
  if (!aws.objects.hasBucket(bucket)) throw s3Error('NoSuchBucket');
  aws.objects.setPolicy(bucket, document);
  return { physicalId: bucket, attributes: {} };
}

function made({ region }: ResourceContext, name: string): ResourceResult {
  const attributes = {
    Arn: bucketArn(name),
    DomainName: `${name}.s3.amazonaws.com`,
    RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
  };
  return { physicalId: name, attributes };
}

function bucketArn(name: string): string {
  return `arn:aws:s3:::${name}`;
}
