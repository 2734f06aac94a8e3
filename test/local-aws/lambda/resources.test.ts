import type { Aws } from '../../../local-aws/aws.ts';
import type { ResourceProvider } from '../../../local-aws/cloudformation/resource-provider.ts';
import { lambdaResources } from '../../../local-aws/lambda/resources.ts';
import { account, contextFor, openAccount, putRole, region, upload } from './support.ts';

const type = 'AWS::Lambda::Function';
const provider = lambdaResources.find((candidate) => candidate.type === type) as ResourceProvider;
let aws: Aws;
let close: () => Promise<void>;
let Role: string;

beforeAll(async () => {
  ({ aws, close } = await openAccount());
  Role = putRole(aws, 'handler', 'lambda.amazonaws.com', []).arn;
});
afterAll(() => close());

function properties(source: string, more: object = {}) {
  const { s3Bucket, s3Key } = upload(aws, { 'index.mjs': source });
  return {
    Code: { S3Bucket: s3Bucket, S3Key: s3Key },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role,
    Architectures: ['arm64'],
    ...more,
  };
}

it('makes a function under a name of its own, changes it in place and deletes it', async () => {
  const context = contextFor(aws, 'Handler', type);
  const before = properties('export const handler = async () => process.env.WORD;', {
    Environment: { Variables: { WORD: 'one' } },
    Timeout: '5',
    MemorySize: 256,
    Tags: [{ Key: 'team', Value: 'a' }],
  });
  const { physicalId, attributes } = await provider.create(context, before);
  expect(physicalId).toBe('Stack-Handler-RANDOM');
  expect(attributes).toEqual({ Arn: `arn:aws:lambda:${region}:${account}:function:Stack-Handler-RANDOM` });
  expect(aws.functions.get(region, physicalId).configuration).toMatchObject({
    timeout: 5,
    memorySize: 256,
    architectures: ['arm64'],
    tags: { team: 'a' },
  });
  expect((await aws.functions.invoke(region, physicalId, {})).payload).toBe('one');

  const after = { ...before, Environment: { Variables: { WORD: 'two' } } };
  await expect(provider.update(context, physicalId, after, before)).resolves.toMatchObject({ physicalId });
  expect((await aws.functions.invoke(region, physicalId, {})).payload).toBe('two');

  await provider.delete(context, physicalId, after);
  await provider.delete(context, physicalId, after);
  expect(aws.functions.list(region)).toEqual([]);
});

it('keeps its settings for failed events, its concurrency and what CDK renders beside them', async () => {
  const queue = aws.queues.create(region, 'dead-letters');
  const sender = putRole(aws, 'sender', 'lambda.amazonaws.com', [
    { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queue.arn },
  ]);
  const context = contextFor(aws, 'Kept', type);
  const given = properties('export const handler = 1;', {
    Role: sender.arn,
    DeadLetterConfig: { TargetArn: queue.arn },
    ReservedConcurrentExecutions: 1,
    LoggingConfig: { LogGroup: 'group', LogFormat: 'JSON', ApplicationLogLevel: 'INFO', SystemLogLevel: 'WARN' },
    Description: 'Refreshes.',
  });
  const { physicalId } = await provider.create(context, given);
  expect(aws.functions.get(region, physicalId).configuration).toMatchObject({
    deadLetterTarget: queue.arn,
    reservedConcurrentExecutions: 1,
  });
  await provider.update(context, physicalId, { ...given, DeadLetterConfig: undefined }, given);
  expect(aws.functions.get(region, physicalId).configuration.deadLetterTarget).toBeUndefined();
  await provider.delete(context, physicalId, given);
});

it.each<[string, object, string]>([
  ['a dead-letter topic', { DeadLetterConfig: { TargetArn: 'arn:aws:sns:x' } }, 'the dead-letter target arn:aws:sns:x'],
  ['code in the template', { Code: { ZipFile: 'x' } }, 'Lambda code from elsewhere than S3Bucket and S3Key'],
  ['an image', { PackageType: 'Image' }, 'Lambda functions of the package type Image'],
  ['tracing', { TracingConfig: { Mode: 'Active' } }, 'active X-Ray tracing'],
])('refuses by name what it does not do: %s', async (_title, more, message) => {
  const given = properties('export const handler = 1;', more);
  await expect(provider.create(contextFor(aws, 'Refused', type), given)).rejects.toThrow(
    `local-aws does not support ${message}`,
  );
});

describe('AWS::Lambda::Permission', () => {
  const permissionType = 'AWS::Lambda::Permission';
  const permission = lambdaResources.find((each) => each.type === permissionType) as ResourceProvider;
  const rule = `arn:aws:events:${region}:${account}:rule/mine`;
  const caller = { service: 'events.amazonaws.com', sourceArn: rule, sourceAccount: account };

  it('lets a service invoke the function for one source, until it is deleted', async () => {
    const { physicalId } = await provider.create(
      contextFor(aws, 'Permitted', type),
      properties('export const handler = 1;'),
    );
    const { arn } = aws.functions.get(region, physicalId);
    const check = (more: object = {}) => aws.functions.authorizeService(region, arn, { ...caller, ...more });
    const given = {
      Action: 'lambda:InvokeFunction',
      FunctionName: arn,
      Principal: caller.service,
      SourceArn: rule,
      SourceAccount: account,
    };
    expect(() => check()).toThrow('events.amazonaws.com is not authorized to perform: lambda:InvokeFunction');
    const context = contextFor(aws, 'Permission', permissionType);
    const made = await permission.create(context, given);
    expect(() => check()).not.toThrow();
    expect(() => check({ sourceArn: `${rule}2` })).toThrow('is not authorized');
    expect(() => check({ sourceAccount: '444455556666' })).toThrow('is not authorized');
    await permission.delete(context, made.physicalId, given);
    expect(() => check()).toThrow('is not authorized');
    await provider.delete(contextFor(aws, 'Permitted', type), physicalId, {});
    await permission.delete(context, made.physicalId, given);
  });

  it('refuses an action that local-aws has no caller for, and a function that is not there', async () => {
    const context = contextFor(aws, 'Permission', permissionType);
    const given = { FunctionName: 'nowhere', Principal: caller.service };
    await expect(permission.create(context, { ...given, Action: 'lambda:InvokeFunctionUrl' })).rejects.toThrow(
      'local-aws does not support the Action lambda:InvokeFunctionUrl',
    );
    await expect(permission.create(context, { ...given, Action: 'lambda:InvokeFunction' })).rejects.toThrow(
      'Function not found',
    );
  });
});

describe('the deployer needs', () => {
  const needed = ['lambda:CreateFunction', 'lambda:GetFunction', 'iam:PassRole', 's3:GetObject'];

  it.each(needed)('%s', async (missing) => {
    const statements = needed
      .filter((action) => action !== missing)
      .map((Action) => ({ Effect: 'Allow', Action, Resource: '*' }) as const);
    const deployer = putRole(aws, `without-${missing.replace(':', '-')}`, 'cloudformation.amazonaws.com', statements);
    const context = contextFor(aws, `Without${missing.replace(':', '')}`, type, deployer.arn);
    await expect(provider.create(context, properties('export const handler = 1;'))).rejects.toThrow(
      `is not authorized to perform: ${missing} on resource: `,
    );
  });
});
