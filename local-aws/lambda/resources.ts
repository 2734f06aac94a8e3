import type {
  Properties,
  ResourceContext,
  ResourceProvider,
  ResourceResult,
} from '../cloudformation/resource-provider.ts';
import { AwsError, notSupported } from '../errors.ts';
import { customResource } from './custom-resources.ts';
import { eventInvokeConfigResource } from './event-invoke-config-resource.ts';
import type { FunctionConfiguration } from './function-configuration.ts';
import type { LambdaFunction } from './functions.ts';
import { permissionResource } from './permission-resource.ts';

/** `AWS::Lambda::Function`, as the template carries it. */
interface FunctionProperties {
  readonly FunctionName?: string;
  readonly Runtime?: string;
  readonly Handler?: string;
  readonly Role: string;
  readonly Code?: { readonly S3Bucket?: string; readonly S3Key?: string };
  readonly Description?: string;
  readonly Timeout?: number | string;
  readonly MemorySize?: number | string;
  readonly Architectures?: readonly string[];
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
  readonly LoggingConfig?: {
    readonly LogFormat?: 'Text' | 'JSON';
    readonly LogGroup?: string;
    readonly ApplicationLogLevel?: string;
    readonly SystemLogLevel?: string;
  };
  readonly ReservedConcurrentExecutions?: number | string;
  readonly DeadLetterConfig?: { readonly TargetArn?: string };
  readonly PackageType?: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly TracingConfig?: { readonly Mode?: string };
}

const functionResource: ResourceProvider = {
  type: 'AWS::Lambda::Function',
  replaceOn: ['FunctionName', 'PackageType'],
  properties: [
    'FunctionName',
    'Runtime',
    'Handler',
    'Role',
    'Code',
    'Description',
    'Timeout',
    'MemorySize',
    'Architectures',
    'Environment',
    'LoggingConfig',
    'ReservedConcurrentExecutions',
    'DeadLetterConfig',
    'PackageType',
    'Tags',
    'TracingConfig',
  ],
  async create(context, properties) {
    const configuration = configurationOf(properties, () => context.generateName(64), context.stackTags);
    const arn = arnOf(context, configuration.functionName);
    context.authorize('lambda:CreateFunction', arn);
    if (Object.keys(configuration.tags ?? {}).length > 0) context.authorize('lambda:TagResource', arn);
    authorizeParts(context, configuration, arn);
    const created = await context.aws.functions.create(context.region, configuration);
    context.authorize('lambda:GetFunction', arn);
    return result(created);
  },
  async update(context, physicalId, properties, oldProperties) {
    const configuration = configurationOf(properties, () => physicalId, context.stackTags);
    const arn = arnOf(context, physicalId);
    if (changed(properties, oldProperties, ['Code', 'Architectures'])) {
      context.authorize('lambda:UpdateFunctionCode', arn);
    }
    if (changed(properties, oldProperties, configurationProperties)) {
      context.authorize('lambda:UpdateFunctionConfiguration', arn);
    }
    if (changed(properties, oldProperties, ['Tags'])) {
      context.authorize('lambda:TagResource', arn);
      context.authorize('lambda:UntagResource', arn);
    }
    authorizeParts(context, configuration, arn);
    const updated = await context.aws.functions.update(context.region, configuration);
    context.authorize('lambda:GetFunction', arn);
    return result(updated);
  },
  async delete(context, physicalId) {
    context.authorize('lambda:DeleteFunction', arnOf(context, physicalId));
    await context.aws.functions.delete(context.region, physicalId);
  },
};

/** The CloudFormation types of Lambda, and the custom resources that call a function. */
export const lambdaResources: readonly ResourceProvider[] = [
  functionResource,
  permissionResource,
  eventInvokeConfigResource,
  customResource('Custom::'),
  customResource('AWS::CloudFormation::CustomResource'),
];

const configurationProperties = [
  'Runtime',
  'Handler',
  'Role',
  'Description',
  'Timeout',
  'MemorySize',
  'Environment',
  'LoggingConfig',
  'TracingConfig',
  'DeadLetterConfig',
];

function configurationOf(
  properties: Properties,
  name: () => string,
  stackTags: Readonly<Record<string, string>>,
): FunctionConfiguration {
  const given = properties as Properties & FunctionProperties;
  const {
    Code: code,
    LoggingConfig: logging,
    ReservedConcurrentExecutions: reserved,
    Description: description,
    DeadLetterConfig: { TargetArn: deadLetterTarget } = {},
  } = given;
  if (deadLetterTarget !== undefined && !deadLetterTarget.startsWith('arn:aws:sqs:')) {
    throw notSupported(`the dead-letter target ${deadLetterTarget}: it sends to SQS queues only`);
  }
  if (given.PackageType !== undefined && given.PackageType !== 'Zip') {
    throw notSupported(`Lambda functions of the package type ${given.PackageType}`);
  }
  const [s3Bucket, s3Key] = [code?.S3Bucket, code?.S3Key];
  if (s3Bucket === undefined || s3Key === undefined) {
    throw notSupported('Lambda code from elsewhere than S3Bucket and S3Key');
  }
  const unknown = Object.keys(code ?? {}).filter((key) => key !== 'S3Bucket' && key !== 'S3Key');
  if (unknown.length > 0) throw notSupported(`the property Code.${unknown[0]} of AWS::Lambda::Function`);
  if (given.TracingConfig?.Mode === 'Active') throw notSupported('active X-Ray tracing of Lambda functions');
  if (given.Runtime === undefined || given.Handler === undefined) {
    throw new AwsError(
      'InvalidParameterValueException',
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    );
  }
  return {
    functionName: given.FunctionName ?? name(),
    runtime: given.Runtime,
    handler: given.Handler,
    role: given.Role,
    code: { s3Bucket, s3Key },
    ...(description === undefined ? {} : { description }),
    timeout: Number(given.Timeout ?? 3),
    memorySize: Number(given.MemorySize ?? 128),
    architectures: given.Architectures ?? ['x86_64'],
    environment: Object.fromEntries(
      Object.entries(given.Environment?.Variables ?? {}).map(([variable, value]) => [variable, String(value)]),
    ),
    ...(logging && {
      logging: {
        ...(logging.LogFormat && { logFormat: logging.LogFormat }),
        ...(logging.LogGroup && { logGroup: logging.LogGroup }),
        ...(logging.ApplicationLogLevel && { applicationLogLevel: logging.ApplicationLogLevel }),
        ...(logging.SystemLogLevel && { systemLogLevel: logging.SystemLogLevel }),
      },
    }),
    ...(deadLetterTarget === undefined ? {} : { deadLetterTarget }),
    ...(reserved === undefined ? {} : { reservedConcurrentExecutions: Number(reserved) }),
    tags: { ...stackTags, ...Object.fromEntries((given.Tags ?? []).map(({ Key, Value }) => [Key, Value])) },
  };
}

/** What Lambda does with the permissions of whoever makes the function: pass the role, read the code. */
function authorizeParts(context: ResourceContext, configuration: FunctionConfiguration, arn: string): void {
  const { role, code, reservedConcurrentExecutions } = configuration;
  context.authorize('iam:PassRole', role, { 'iam:PassedToService': 'lambda.amazonaws.com' });
  context.authorize('s3:GetObject', `arn:aws:s3:::${code.s3Bucket}/${code.s3Key}`);
  if (reservedConcurrentExecutions !== undefined) context.authorize('lambda:PutFunctionConcurrency', arn);
}

function changed(properties: Properties, oldProperties: Properties, names: readonly string[]): boolean {
  return names.some((name) => JSON.stringify(properties[name]) !== JSON.stringify(oldProperties[name]));
}

function arnOf({ aws, region }: ResourceContext, functionName: string): string {
  return `arn:aws:lambda:${region}:${aws.account}:function:${functionName}`;
}

function result({ arn, configuration }: LambdaFunction): ResourceResult {
  return { physicalId: configuration.functionName, attributes: { Arn: arn } };
}
